/**
 * The Python program that serves a deployment: in the standard library alone, so that it needs nothing of the model's environment and starts at once. Its arguments are what it serves (`script` or `mlflow`),
 * the path of that (the scoring script, or the folder of an MLflow model), and the file in which it writes the port where it listens once it is ready.
 *
 * Only the control plane calls it: each request must show the secret. It keeps connections open, and runs a request in the thread of its connection. How many run at once is up to the plane.
 */
export const scoringServer: string = String.raw`
import ctypes, hmac, importlib, importlib.abc, importlib.machinery, importlib.util, inspect, json, os, socket, sys, threading, time, traceback, types

kind, path, port_file = sys.argv[1:4]
secret = os.environ.pop("UPDRAFT_SERVER_SECRET")
# Without a word from the plane for this long, in seconds, nobody can call this server any more.
patience = float(os.environ.pop("UPDRAFT_SERVER_PATIENCE", "120"))
heard_at = time.monotonic()


class Stopped(BaseException):
    """Nobody waits for this request any more."""


class Refused(Exception):
    """What the request holds can't be scored."""


# What scoring scripts import from Azure's server. Ours stands for it, so that Flask need not be loaded.

class Headers(dict):
    def __init__(self, pairs=()):
        super().__init__()
        for name, value in pairs:
            self[name] = value

    def __setitem__(self, name, value):
        super().__setitem__("-".join(part.capitalize() for part in str(name).split("-")), str(value))

    def __getitem__(self, name):
        return super().__getitem__("-".join(part.capitalize() for part in name.split("-")))

    def get(self, name, default=None):
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name):
        return self.get(name) is not None

    def add_header(self, name, value):
        before = self.get(name)
        self[name] = value if before is None else before + ", " + value

    def remove(self, name):
        self.pop("-".join(part.capitalize() for part in name.split("-")), None)


class File:
    """A file of a multipart form."""

    def __init__(self, filename, content, content_type):
        import io
        self.filename, self.content_type, self.mimetype, self.stream = filename, content_type, content_type, io.BytesIO(content)

    def read(self, *size):
        return self.stream.read(*size)

    def seek(self, *where):
        return self.stream.seek(*where)

    def save(self, target):
        with open(target, "wb") as file:
            file.write(self.stream.getvalue())


class AMLRequest:
    def __init__(self, method, target, headers, body):
        from urllib.parse import parse_qsl, urlsplit
        address = urlsplit(target)
        self.method, self.path, self.url, self.headers, self.data = method, address.path, target, headers, body
        self.query_string = address.query.encode()
        self.args = dict(parse_qsl(address.query))
        self.content_type = headers.get("Content-Type", "")
        self.mimetype = self.content_type.partition(";")[0].strip()
        self.content_length = len(body)
        self._parts = None

    def get_data(self, cache=True, as_text=False, parse_form_data=False):
        return self.data.decode() if as_text else self.data

    def get_json(self, force=False, silent=False, cache=True):
        try:
            return json.loads(self.data)
        except ValueError:
            if silent:
                return None
            raise Refused("The body is no JSON.") from None

    json = property(get_json)

    @property
    def is_json(self):
        return self.mimetype == "application/json"

    @property
    def form(self):
        return self._read()[0]

    @property
    def files(self):
        return self._read()[1]

    def _read(self):
        if self._parts is None:
            form, files = {}, {}
            if self.mimetype == "multipart/form-data":
                from email.parser import BytesParser
                head = ("Content-Type: %s\r\n\r\n" % self.content_type).encode()
                for part in BytesParser().parsebytes(head + self.data).get_payload():
                    name = part.get_param("name", header="content-disposition")
                    content = part.get_payload(decode=True)
                    if part.get_filename() is None:
                        form[name] = content.decode()
                    else:
                        files[name] = File(part.get_filename(), content, part.get_content_type())
            elif self.mimetype == "application/x-www-form-urlencoded":
                from urllib.parse import parse_qsl
                form = dict(parse_qsl(self.data.decode()))
            self._parts = form, files
        return self._parts


class AMLResponse:
    def __init__(self, message, status_code, response_headers={}, json_str=False, run_function_failed=False):
        self.status_code = status_code
        as_json = json_str or message is None
        self.headers = Headers([("Content-Type", "application/json" if as_json else "text/html; charset=utf-8")])
        content = json.dumps({} if message is None else message) if as_json else message
        self.data = content if isinstance(content, bytes) else str(content).encode()
        for name, value in response_headers.items():
            if name.lower() == "content-type":
                self.headers[name] = value
            else:
                self.headers.add_header(name, value)

    def set_data(self, content):
        self.data = content if isinstance(content, bytes) else str(content).encode()


takes_raw_http = False


def rawhttp(function):
    global takes_raw_http
    takes_raw_http = True
    return function


stand_ins = {
    "azureml_inference_server_http.api.aml_request": dict(AMLRequest=AMLRequest, rawhttp=rawhttp),
    "azureml_inference_server_http.api.aml_response": dict(AMLResponse=AMLResponse),
    "azureml.contrib.services.aml_request": dict(AMLRequest=AMLRequest, rawhttp=rawhttp),
    "azureml.contrib.services.aml_response": dict(AMLResponse=AMLResponse),
}


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules above before any that are installed, and the packages around them where those are not."""

    def find_spec(self, name, path=None, target=None):
        if name in stand_ins:
            return importlib.machinery.ModuleSpec(name, self)
        if any(each.startswith(name + ".") for each in stand_ins):
            # A package that is really there keeps what else it has.
            for finder in sys.meta_path:
                found = None if finder is self else finder.find_spec(name, path, target)
                if found is not None:
                    return found
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__dict__.update(stand_ins.get(module.__name__, {}))


sys.meta_path.insert(0, StandIns())


def text_of(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Refused("The body is no UTF-8 text. A script that takes bytes declares run() with @rawhttp.") from None


# What is served: each answers a run function, which takes a request and answers a response.

def load_script():
    folder = os.getcwd()
    for each in (os.path.dirname(path), folder):
        if each not in sys.path:
            sys.path.insert(0, each)
    spec = importlib.util.spec_from_file_location("entry_module", path)
    if spec is None:
        raise SystemExit("The scoring script %s is no Python file." % os.path.basename(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules["entry_module"] = module
    spec.loader.exec_module(module)
    for name in ("init", "run"):
        if not callable(getattr(module, name, None)):
            raise SystemExit("The scoring script %s has no function %s()." % (os.path.basename(path), name))
    module.init()
    parameters = list(inspect.signature(module.run).parameters.values())
    wants_headers = any(each.name == "request_headers" for each in parameters)
    names = [each.name for each in parameters if each.name != "request_headers"]
    if not names:
        raise SystemExit("run() of the scoring script %s takes no data: give it a parameter." % os.path.basename(path))
    schema = sys.modules.get("inference_schema.schema_util")
    is_decorated = schema is not None and schema.is_schema_decorated(module.run)

    def run(request):
        if takes_raw_http:
            given = {names[0]: request}
        elif is_decorated:
            given = request.get_json()
            if not isinstance(given, dict):
                raise Refused("The body must be a JSON object with: %s." % ", ".join(names))
            unknown = sorted(set(given) - set(names))
            if unknown:
                raise Refused("run() takes %s, not %s." % (", ".join(names), ", ".join(unknown)))
        else:
            # As Azure's server: the body as it is, or the query of a GET.
            given = {names[0]: json.dumps(request.args) if request.method == "GET" else text_of(request.data)}
        if wants_headers:
            given = dict(given, request_headers=dict(request.headers))
        answer = module.run(**given)
        if isinstance(answer, AMLResponse):
            return answer
        if hasattr(answer, "status_code") and hasattr(answer, "get_data"):
            # One of Flask's own.
            return AMLResponse(answer.get_data(), answer.status_code, dict(answer.headers))
        try:
            return AMLResponse(answer, 200, json_str=True)
        except (TypeError, ValueError) as error:
            raise TypeError("run() must answer what JSON can hold: %s" % error) from None

    return run


def load_mlflow():
    import mlflow.pyfunc
    model = mlflow.pyfunc.load_model(path)
    schema = model.metadata.get_input_schema() if model.metadata is not None else None

    def frame(given, orient):
        import pandas
        try:
            from mlflow.utils.proto_json_utils import dataframe_from_parsed_json
        except ImportError:
            return pandas.DataFrame(**given) if orient == "split" else pandas.DataFrame(given)
        return dataframe_from_parsed_json(given, pandas_orient=orient, schema=schema)

    def tensors(given):
        from mlflow.utils.proto_json_utils import parse_inputs_data
        return parse_inputs_data(given, schema)

    def from_azure(given):
        if isinstance(given, dict) and "data" in given and ("columns" in given or "index" in given):
            if "columns" not in given and schema is not None and schema.has_input_names():
                given = dict(given, columns=schema.input_names())
            return frame(given, "split")
        if isinstance(given, list) and given and all(isinstance(each, dict) for each in given):
            return frame(given, "records")
        if isinstance(given, list) and schema is not None and schema.has_input_names() and not schema.is_tensor_spec():
            rows = given if given and isinstance(given[0], list) else [given]
            return frame(dict(columns=schema.input_names(), data=rows), "split")
        return tensors(given)

    shapes = {
        "input_data": from_azure,
        "dataframe_split": lambda given: frame(given, "split"),
        "dataframe_records": lambda given: frame(given, "records"),
        "inputs": tensors,
        "instances": lambda given: rows_of(given),
    }

    def rows_of(given):
        from mlflow.utils.proto_json_utils import parse_tf_serving_input
        return parse_tf_serving_input({"instances": given}, schema=schema)

    def jsonable(result):
        try:
            from mlflow.utils.proto_json_utils import _get_jsonable_obj
        except ImportError:
            return result.tolist() if hasattr(result, "tolist") else result
        return _get_jsonable_obj(result, pandas_orient="records")

    try:
        from mlflow.utils.proto_json_utils import NumpyEncoder as encoder
    except ImportError:
        encoder = None

    def run(request):
        body = request.get_json()
        named = [each for each in shapes if isinstance(body, dict) and each in body]
        if len(named) != 1:
            raise Refused("The body must be a JSON object with one of: %s." % ", ".join(shapes))
        try:
            data = shapes[named[0]](body[named[0]])
        except Exception as error:
            raise Refused("%s does not fit the model: %s" % (named[0], error)) from error
        params = body.get("params")
        try:
            result = model.predict(data, params=params) if params else model.predict(data)
        except Exception as error:
            if type(error).__name__ == "MlflowException":
                raise Refused(str(error)) from error
            raise
        result = jsonable(result)
        # Azure answers its own shape with the bare predictions, MLflow its own with an object.
        answer = result if named[0] == "input_data" else {"predictions": result}
        return AMLResponse(json.dumps(answer, cls=encoder), 200, {"Content-Type": "application/json"})

    return run


running = {}
guard = threading.Lock()


def problem(status, outcome, message):
    response = AMLResponse({"error": {"code": outcome, "message": message}}, status, json_str=True)
    response.headers["X-Updraft-Outcome"] = outcome
    return response


def last_line(error):
    return "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1]


def score(request, name):
    with guard:
        running[name] = threading.get_ident()
    try:
        try:
            return run(request)
        except Refused as error:
            return problem(400, "Refused", str(error))
        except Exception as error:
            traceback.print_exc()
            return problem(500, "Raised", last_line(error))
        except SystemExit as error:
            traceback.print_exc()
            return problem(500, "Raised", "The script called exit(%s)." % error)
        finally:
            with guard:
                running.pop(name, None)
    except Stopped:
        print("A request was stopped, since nobody waits for it any more.", file=sys.stderr)
        return problem(500, "Stopped", "The request was stopped.")


def stop(name):
    with guard:
        thread = running.get(name)
        if thread is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Stopped))


def answer(request):
    global heard_at
    heard_at = time.monotonic()
    request.headers.remove("X-Updraft-Secret")
    if request.path == "/-/health":
        return AMLResponse("ok", 200)
    if request.path == "/-/stop":
        stop(request.args.get("request", ""))
        return AMLResponse("ok", 200)
    name = request.headers.get("X-Updraft-Request", "")
    request.headers.remove("X-Updraft-Request")
    return score(request, name)


def converse(connection):
    try:
        with connection, connection.makefile("rb", 65536) as reader:
            while True:
                line = reader.readline(65537)
                if not line:
                    return
                method, target, _ = line.decode("latin-1").split()
                pairs = []
                while True:
                    line = reader.readline(65537)
                    if line in (b"\r\n", b"\n", b""):
                        break
                    name, _, value = line.decode("latin-1").partition(":")
                    pairs.append((name.strip(), value.strip()))
                headers = Headers(pairs)
                if not hmac.compare_digest(headers.get("X-Updraft-Secret", "").encode(), secret.encode()):
                    # Of a stranger nothing more is read.
                    connection.sendall(b"HTTP/1.1 401 -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    return
                body = reader.read(int(headers.get("Content-Length", 0)))
                response = answer(AMLRequest(method, target, headers, body))
                lines = ["HTTP/1.1 %d -" % response.status_code]
                for name, value in response.headers.items():
                    if name not in ("Content-Length", "Connection", "Transfer-Encoding"):
                        lines.append("%s: %s" % (name, " ".join(value.split("\n")).replace("\r", " ")))
                lines.append("Content-Length: %d\r\n\r\n" % len(response.data))
                head = "\r\n".join(lines).encode("latin-1", "replace")
                connection.sendall(head + response.data if len(response.data) < 65536 else head)
                if len(response.data) >= 65536:
                    connection.sendall(response.data)
    except (OSError, ValueError, Stopped):
        # The plane has hung up, or what came was no request.
        pass


def watch():
    while time.monotonic() - heard_at < patience:
        time.sleep(min(5, patience / 4))
    print("The control plane has not been heard of for %d s: this server ends." % patience, file=sys.stderr, flush=True)
    os._exit(0)


loaders = {"script": load_script, "mlflow": load_mlflow}
run = loaders[kind]()
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(128)
with open(port_file + ".new", "w") as file:
    file.write(str(listener.getsockname()[1]))
os.replace(port_file + ".new", port_file)
heard_at = time.monotonic()
threading.Thread(target=watch, daemon=True).start()
while True:
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=converse, args=(connection,), daemon=True).start()
`;
