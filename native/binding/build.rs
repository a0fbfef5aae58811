//! Tells the linker how a Node-API addon is linked.

fn main() {
    napi_build::setup();
}
