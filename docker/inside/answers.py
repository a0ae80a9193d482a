"""Whether a page of this container answers 200: the health check of what speaks HTTP."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=8)
connection.request("GET", sys.argv[2])
sys.exit(connection.getresponse().status != http.HTTPStatus.OK)
