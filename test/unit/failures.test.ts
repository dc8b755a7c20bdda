import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { exits } from '../../src/failures/exits.ts';
import { causes, likelyCause } from '../../src/failures/likelyCause.ts';

/** Lines as the programs write them, by the cause that they tell. */
const lines: Record<string, string[]> = {
  'system-library-for-opencv': ['ImportError: libGL.so.1: cannot open shared object file: No such file or directory'],
  'cuda-library': ['OSError: libcudart.so.11.0: cannot open shared object file: No such file or directory'],
  'system-library': ['OSError: libgomp.so.1: cannot open shared object file: No such file or directory'],
  'old-system': ["ImportError: /lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.29' not found (required by /opt/a.so)"],
  'numpy-2': ['ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject'],
  'numpy-removed': ["AttributeError: module 'numpy' has no attribute 'float'."],
  'circular-import': [
    "ImportError: cannot import name 'nn' from partially initialized module 'torch' (most likely due to a circular import) (/a/torch.py)",
  ],
  'name-not-in-module': ["ImportError: cannot import name 'AdamW' from 'transformers' (/a/transformers/__init__.py)"],
  'package-missing': ["ModuleNotFoundError: No module named 'sklearn'"],
  'package-unknown': [
    'ERROR: No matching distribution found for torch==9.9',
    '  × No solution found: Because tensorflw was not found in the package registry and you require tensorflw',
  ],
  'packages-conflict': [
    'ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/',
    '  × No solution found when resolving dependencies:',
  ],
  'python-version': ["ERROR: Package 'x' requires a different Python: 3.8.10 not in '>=3.9'"],
  'package-needs-compiler': ["error: command 'gcc' failed: No such file or directory", 'ERROR: Failed building wheel for pycocotools'],
  'nltk-data': ['  Resource punkt not found.', '  Resource \u001b[93mpunkt_tab\u001b[0m not found.'],
  'spacy-model': ["OSError: [E050] Can't find model 'en_core_web_sm'. It doesn't seem to be a Python package"],
  'java-missing': ['JAVA_HOME is not set'],
  'no-display': ['_tkinter.TclError: no display name and no $DISPLAY environment variable'],
  'gpu-memory': ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.'],
  'gpu-kernel-image': ['RuntimeError: CUDA error: no kernel image is available for execution on the device'],
  'gpu-driver': ['RuntimeError: The NVIDIA driver on your system is too old (found version 11040).'],
  'gpu-not-compiled': ['AssertionError: Torch not compiled with CUDA enabled'],
  'gpu-for-model': ['RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.'],
  'gpu-missing': ['RuntimeError: No CUDA GPUs are available'],
  'gpu-assert': ['RuntimeError: CUDA error: device-side assert triggered'],
  'devices-differ': ['RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!'],
  'gpu-library': ['RuntimeError: cuDNN error: CUDNN_STATUS_NOT_INITIALIZED'],
  nccl: ['torch.distributed.DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:1691, unhandled system error'],
  allocation: [
    'numpy._core._exceptions._ArrayMemoryError: Unable to allocate 74.5 GiB for an array with shape (100000, 100000) and data type float64',
  ],
  'shared-memory': [
    "RuntimeError: DataLoader worker (pid 12) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory.",
  ],
  'worker-killed': [
    'RuntimeError: DataLoader worker (pid 4312) is killed by signal: Killed.',
    'RuntimeError: DataLoader worker (pid(s) 1, 2) exited unexpectedly',
  ],
  memory: [
    'MemoryError',
    "terminate called after throwing an instance of 'std::bad_alloc'",
    '/bin/bash: line 1:  4242 Killed                  python train.py',
  ],
  'disk-full': ["OSError: [Errno 28] No space left on device: 'model.pt'"],
  'open-files': ["OSError: [Errno 24] Too many open files: 'a.png'"],
  'too-many-threads': ['OpenBLAS blas_thread_init: pthread_create failed for thread 31 of 32: Resource temporarily unavailable'],
  'script-missing': ["python: can't open file '/jobs/a/code/trian.py': [Errno 2] No such file or directory"],
  'windows-path': ["FileNotFoundError: [Errno 2] No such file or directory: 'C:\\\\data\\\\train.csv'"],
  'file-missing': ["FileNotFoundError: [Errno 2] No such file or directory: 'data/train.csv'"],
  'folder-instead-of-file': ["IsADirectoryError: [Errno 21] Is a directory: '/inputs/data'"],
  'file-instead-of-folder': ["NotADirectoryError: [Errno 20] Not a directory: '/inputs/data.csv'"],
  'read-only': ["OSError: [Errno 30] Read-only file system: '/mnt/x'"],
  permission: ["PermissionError: [Errno 13] Permission denied: '/root/x'"],
  'file-exists': ["FileExistsError: [Errno 17] File exists: 'outputs'"],
  encoding: ["UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"],
  'not-an-archive': ['zipfile.BadZipFile: File is not a zip file'],
  parquet: [
    'pyarrow.lib.ArrowInvalid: Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file.',
  ],
  'pickle-version': [
    "_pickle.UnpicklingError: invalid load key, 'v'.",
    "AttributeError: Can't get attribute 'Net' on <module '__main__' from 'score.py'>",
  ],
  'torch-weights-only': ['_pickle.UnpicklingError: Weights only load failed. This file can still be loaded']
    .slice(1)
    .concat(['RuntimeError: Weights only load failed.']),
  json: ['json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)'],
  yaml: ['yaml.scanner.ScannerError: mapping values are not allowed here'],
  'csv-empty': ['pandas.errors.EmptyDataError: No columns to parse from file'],
  csv: ['pandas.errors.ParserError: Error tokenizing data. C error: Expected 3 fields in line 5, saw 4'],
  'arguments-missing': ['train.py: error: the following arguments are required: --data, --epochs'],
  'arguments-unknown': ['train.py: error: unrecognized arguments: --epoch 3'],
  'argument-value': ["train.py: error: argument --epochs: invalid int value: 'three'"],
  'unbound-input': ['/bin/bash: line 1: python train.py ${{inputs.data}}: bad substitution'],
  'line-endings': ["run.sh: line 2: $'\\r': command not found", '/bin/bash^M: bad interpreter: No such file or directory'],
  'command-missing': ['/bin/bash: line 1: accelerate: command not found', '/bin/sh: 1: nvidia-smi: not found'],
  'shell-syntax': ['/bin/bash: -c: line 2: unexpected EOF while looking for matching `"\''],
  indentation: ['IndentationError: unexpected indent'],
  syntax: ['SyntaxError: invalid syntax'],
  name: ["NameError: name 'np' is not defined"],
  keyword: ["TypeError: Trainer.__init__() got an unexpected keyword argument 'tokenizer'"],
  'parameters-missing': ["TypeError: train() missing 1 required positional argument: 'data'"],
  recursion: ['RecursionError: maximum recursion depth exceeded'],
  division: ['ZeroDivisionError: division by zero'],
  assertion: ['AssertionError: empty data set', 'AssertionError'],
  'main-guard': ['        An attempt has been made to start a new process before the'],
  'matrix-shapes': [
    'RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x784 and 512x10)',
    'ValueError: shapes (3,4) and (3,4) not aligned: 4 (dim 1) != 3 (dim 0)',
  ],
  'state-dict': ['RuntimeError: Error(s) in loading state_dict for Net:'],
  broadcast: ['ValueError: operands could not be broadcast together with shapes (3,) (4,)'],
  features: ['ValueError: X has 10 features, but LogisticRegression is expecting 64 features as input.'],
  'sample-counts': ['ValueError: Found input variables with inconsistent numbers of samples: [100, 99]'],
  'two-dimensions': ['ValueError: Expected 2D array, got 1D array instead:'],
  'nan-input': ['ValueError: Input X contains NaN.'],
  'nan-loss': ['RuntimeError: loss is nan, stopping training'],
  'text-as-number': ["ValueError: could not convert string to float: 'male'"],
  'one-class': ['ValueError: This solver needs samples of at least 2 classes in the data, but the data contains only one class: 0'],
  'tensor-type': ['RuntimeError: expected scalar type Float but found Double'],
  'no-grad': ['RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn'],
  'embedding-index': ['IndexError: index out of range in self'],
  index: ['IndexError: list index out of range'],
  key: ["KeyError: 'target'"],
  none: ["AttributeError: 'NoneType' object has no attribute 'shape'"],
  certificate: ['ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'],
  'gated-model': ['huggingface_hub.errors.GatedRepoError: 403 Client Error.'],
  'model-unknown': [
    "OSError: my/model is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
  ],
  'azure-credentials': ['azure.core.exceptions.ClientAuthenticationError: DefaultAzureCredential failed to retrieve a token'],
  'param-changed': [
    "mlflow.exceptions.MlflowException: INVALID_PARAMETER_VALUE: Changing param values is not allowed. Param with key='lr' was already logged",
  ],
  'run-active': ['Exception: Run with UUID 0a1b is already active. To start a new run, first end the current run with mlflow.end_run().'],
  port: ['OSError: [Errno 98] Address already in use'],
  'rate-limit': ['requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: https://example.org'],
  forbidden: ['requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://example.org'],
  'name-resolution': ['socket.gaierror: [Errno -3] Temporary failure in name resolution'],
  connection: ['ConnectionRefusedError: [Errno 111] Connection refused'],
  timeout: ['TimeoutError: The read operation timed out'],
  'child-failed': ['torch.distributed.elastic.multiprocessing.errors.ChildFailedError:'],
};

const failure = (stderrTail: string[], exitCode = 1) => ({ code: 'CommandFailed', message: 'The command ended.', exitCode, stderrTail });

describe('the likely cause of a failure', () => {
  for (const [id, examples] of Object.entries(lines))
    it(`is found: ${id}`, () => {
      for (const line of examples) {
        const found = likelyCause(failure(['Epoch 1', line]));
        assert.equal(found?.id, id, line);
        assert.ok(!/\{\w+\}/.test(found!.why + found!.fix.replaceAll(/\$\{\{[^}]*\}\}/g, '')), found!.why + found!.fix);
      }
    });

  it('has an example for everything that is known', () => {
    assert.deepEqual(
      causes.map(({ id }) => id).filter((id) => !lines[id]),
      [],
    );
    assert.equal(new Set(causes.map(({ id }) => id)).size, causes.length);
    assert.ok(causes.length >= 60);
  });

  it('is the exception that ended it, whatever was written before and after', () => {
    const found = likelyCause(
      failure([
        'ConnectionError: tried again',
        'Traceback (most recent call last):',
        '  File "/x/jobs/a/code/train.py", line 3, in <module>',
        "ModuleNotFoundError: No module named 'cv2'",
        'WARNING: rate limit of 3 exceeded',
      ]),
    );
    assert.equal(found?.id, 'package-missing');
    assert.match(found!.fix, /opencv-python-headless/);
  });

  it('is told by the exit code where the output says nothing', () => {
    for (const code of Object.keys(exits)) assert.equal(likelyCause(failure(['Epoch 1'], Number(code)))?.id, `exit-${code}`);
    assert.equal(likelyCause(failure(['Epoch 1'], 3)), undefined);
  });

  it('is found in hostile output as fast, and repeats nothing of it that could mislead', () => {
    const found = likelyCause(failure(['a'.repeat(1_000_000), ' '.repeat(1_000_000), `KeyError: '${'\u202e\u0007x'.repeat(100_000)}'`]));
    assert.equal(found?.id, 'key');
    assert.ok(found!.why.length < 400 && !/[\u202e\u0007]/.test(found!.why));
  });
});
