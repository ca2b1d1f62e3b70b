"""A SPIFFE Workload API of this host, which gives out a JWT-SVID as its settings say; runs as a program.

It answers by the messages of the library that Tipstaff uses, and writes what it was asked, a JSON
object a line. Every SVID is made up.
"""

import contextlib
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SPIFFE_ID = "spiffe://example.org/build/agent"


@contextlib.contextmanager
def workload_api(socket, svids=(SPIFFE_ID,), *, refuses=False, silent=False):
    """Serve at a socket; yield what returns the requests so far, once this has ended it.

    Args:
        svids: The identities of this workload, one SVID each.
    """
    settings = json.dumps({"svids": svids, "refuses": refuses, "silent": silent})
    words = [sys.executable, __file__, str(socket), settings]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    asked = []
    try:
        assert process.stdout.readline() == "ready\n"
        yield asked
    finally:
        process.terminate()
        asked += map(json.loads, process.stdout)
        process.wait()
        process.stdout.close()


def serve(socket, settings):
    import grpc
    from spiffe._proto import workload_pb2, workload_pb2_grpc

    from support.services.signing import Issuer

    key = Issuer("workload", "ES256")

    class Api(workload_pb2_grpc.SpiffeWorkloadAPIServicer):
        def FetchJWTSVID(self, request, context):  # noqa: N802 - the name in the protocol
            said = {
                "audience": list(request.audience),
                "spiffe_id": request.spiffe_id,
                "metadata": dict(context.invocation_metadata()).get("workload.spiffe.io"),
            }
            print(json.dumps(said), flush=True)
            if settings["silent"]:
                time.sleep(60)
            if settings["refuses"]:
                context.abort(grpc.StatusCode.PERMISSION_DENIED, "no identity issued")
            names = [entry for entry in settings["svids"] if request.spiffe_id in ("", entry)]
            svids = [
                workload_pb2.JWTSVID(spiffe_id=name, svid=svid(key, name, request.audience))
                for name in names
            ]
            return workload_pb2.JWTSVIDResponse(svids=svids)

    server = grpc.server(ThreadPoolExecutor(4))
    workload_pb2_grpc.add_SpiffeWorkloadAPIServicer_to_server(Api(), server)
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    print("ready", flush=True)
    server.wait_for_termination()


def svid(key, name, audience):
    claims = {"sub": name, "aud": list(audience), "exp": int(time.time()) + 300}
    return key.sign(claims, typ="JWT")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    serve(sys.argv[1], json.loads(sys.argv[2]))
