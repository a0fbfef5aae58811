//! A connection that a balancer passes on begins with a PROXY header, which says whose it is. Until then it is nobody's:
//! what is no header ends it, and so does the time.

use std::net::IpAddr;

use snapshot::{Network, Protocol};
use stats::{Limit, Reason};
use wire::proxy_protocol::{Parsed, Source, parse};

use crate::buffer::Buffer;
use crate::downstream::State;
use crate::io::{Io, Token};
use crate::peer::PeerText;
use crate::shard::{Cx, Shard};

/// True when a connection may come from there. A peer without an IP address comes over a socket in the file system, whose
/// mode has let it in.
pub(crate) fn admits(proxies: &[Network], peer: Option<IpAddr>) -> bool {
    proxies.is_empty() || peer.is_none_or(|ip| proxies.iter().any(|network| network.contains(ip)))
}

impl Shard {
    /// Reads the header; what stands behind it is the connection's own.
    pub(crate) fn read_introduction<I: Io>(
        &mut self,
        token: Token,
        mut buffer: Buffer,
        cx: &mut Cx<'_, I>,
    ) {
        match parse(buffer.bytes()) {
            Ok(Parsed::Partial) => self.return_buffer(token, buffer),
            Ok(Parsed::Done(source, length)) => {
                buffer.skip(length);
                self.introduced(token, (source, buffer), cx);
            }
            Err(_) => {
                self.pool.put(buffer);
                self.stats.record_failure(Reason::DownstreamProtocolError);
                self.close_downstream(token, true, cx);
            }
        }
    }

    fn introduced<I: Io>(
        &mut self,
        token: Token,
        (source, buffer): (Source, Buffer),
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return self.pool.put(buffer);
        };
        if let Source::Client(address) = source {
            downstream.peer = PeerText::new(Some(address.ip()));
            downstream.client = Some(Box::new(address));
        }
        downstream.state = State::Head;
        let view = self.view.clone();
        let listener = view
            .as_ref()
            .and_then(|view| view.listener(downstream.listener));
        let Some((view, listener)) = view.as_ref().zip(listener) else {
            self.pool.put(buffer);
            self.stats.record_failure(Reason::NotConfigured);
            return self.close_downstream(token, true, cx);
        };
        self.begin_speaking(token, (view, listener), cx);
        if buffer.is_empty() {
            self.pool.put(buffer);
        } else {
            match listener.protocol {
                Protocol::Http => self.read_requests(token, buffer, cx),
                Protocol::Tcp => self.relay_bytes(token, buffer, cx),
            }
        }
    }

    /// The header did not come in time.
    pub(crate) fn expire_introduction<I: Io>(&mut self, token: Token, cx: &mut Cx<'_, I>) {
        self.stats.record_limit(Limit::ProxyHeader);
        self.stats.record_failure(Reason::RequestLimit);
        self.close_downstream(token, true, cx);
    }
}
