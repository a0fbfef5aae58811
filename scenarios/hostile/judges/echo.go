// Answers each request with what net/http saw of it, in hexadecimal. Usage: echo PORT
package main

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

type seen struct {
	Method string      `json:"method"`
	Target string      `json:"target"`
	Fields [][2]string `json:"fields"`
	Body   string      `json:"body"`
}

func main() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fields := [][2]string{{text("Host"), text(r.Host)}}
		for name, values := range r.Header {
			for _, value := range values {
				fields = append(fields, [2]string{text(name), text(value)})
			}
		}
		answer, _ := json.Marshal(seen{text(r.Method), text(r.RequestURI), fields, text(string(body))})
		_, _ = w.Write(answer)
	})
	server := &http.Server{Addr: "127.0.0.1:" + os.Args[1], Handler: handler}
	if err := server.ListenAndServe(); err != nil {
		println(err.Error())
		os.Exit(1)
	}
}

func text(bytes string) string { return hex.EncodeToString([]byte(bytes)) }
