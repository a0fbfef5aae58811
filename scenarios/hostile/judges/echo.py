"""Answers each request with what h11 saw of it, in hexadecimal. Usage: echo.py PORT"""

import json
import socketserver
import sys

import h11


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 17)
        try:
            while self.one_request(connection):
                connection.start_next_cycle()
        except h11.RemoteProtocolError as error:
            if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                self.answer(connection, error.error_status_hint, str(error).encode())
        except OSError:
            pass

    def one_request(self, connection):
        """False when the connection is over."""
        request, body = None, b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                if connection.they_are_waiting_for_100_continue:
                    go_on = h11.InformationalResponse(status_code=100, headers=[])
                    self.request.sendall(connection.send(go_on))
                connection.receive_data(self.request.recv(65536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return False
        fields = [[name.hex(), value.hex()] for name, value in request.headers]
        seen = {"method": request.method.hex(), "target": request.target.hex()}
        answer = json.dumps({**seen, "fields": fields, "body": body.hex()})
        self.answer(connection, 200, answer.encode())
        return connection.our_state is h11.DONE and connection.their_state is h11.DONE

    def answer(self, connection, status, body):
        head = h11.Response(status_code=status, headers=[("content-length", str(len(body)))])
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            self.request.sendall(connection.send(event))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
