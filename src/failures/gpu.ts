import type { Cause } from './cause.ts';

/** CUDA and what calculates on it. */
export const gpu: Cause[] = [
  {
    id: 'gpu-memory',
    says: /CUDA out of memory|torch\.(?:cuda\.)?OutOfMemoryError|CUDA_ERROR_OUT_OF_MEMORY|failed to allocate memory on device/,
    why: 'The memory of the GPU is full.',
    fix: 'Use a smaller batch or shorter sequences, accumulate gradients, train in bf16, or see with nvidia-smi whether another program holds the memory.',
  },
  {
    id: 'gpu-kernel-image',
    says: /no kernel image is available for execution on the device|is not compatible with the current PyTorch installation/,
    why: 'This build of the library has no code for this GPU.',
    fix: 'Install the build for the CUDA version that supports the GPU: pytorch.org names it.',
  },
  {
    id: 'gpu-driver',
    says: /CUDA driver version is insufficient|NVIDIA driver on your system is too old|CUDA_ERROR_SYSTEM_DRIVER_MISMATCH/,
    why: 'The driver of the GPU is older than the CUDA that the library was made for.',
    fix: 'Update the driver, or install a build of the library for an older CUDA.',
  },
  {
    id: 'gpu-not-compiled',
    says: /Torch not compiled with CUDA enabled/,
    why: 'PyTorch is the build for CPU, and the script asks for CUDA.',
    fix: 'Install the CUDA build of PyTorch, or choose the device by torch.cuda.is_available().',
  },
  {
    id: 'gpu-for-model',
    says: /Attempting to deserialize object on a CUDA device but torch\.cuda\.is_available\(\) is False/,
    why: 'The model was saved on a GPU, and there is none here.',
    fix: "Load it with torch.load(…, map_location='cpu').",
  },
  {
    id: 'gpu-missing',
    says: /No CUDA GPUs are available|no CUDA-capable device is detected|Found no NVIDIA driver on your system|CUDA_ERROR_NO_DEVICE/,
    why: 'The script asks for a GPU, and the job sees none.',
    fix: 'Choose the device by torch.cuda.is_available(), or run on a compute that has a GPU. CUDA_VISIBLE_DEVICES may hide it.',
  },
  {
    id: 'gpu-assert',
    says: /device-side assert triggered/,
    why: 'A calculation on the GPU got an index or a label outside of its range.',
    fix: 'See that labels lie from 0 to the number of classes minus 1. With CUDA_LAUNCH_BLOCKING=1, or on the CPU, the traceback names the right line.',
  },
  {
    id: 'devices-differ',
    says: /Expected all tensors to be on the same device|Input type \(.*\) and weight type \(.*\) should be the same/,
    why: 'Some tensors are on the GPU and others are not.',
    fix: 'Move the model and every batch to one device with .to(device).',
  },
  {
    id: 'gpu-library',
    says: /CUDNN_STATUS_\w+|cuDNN error|CUBLAS_STATUS_\w+|cusolver error/i,
    why: "One of CUDA's libraries failed, most often because the memory of the GPU is full or versions do not match.",
    fix: 'Try a smaller batch. If that does not help, install the build of the library for the CUDA version of the driver.',
  },
  {
    id: 'nccl',
    says: /NCCL (?:error|WARN)|ncclSystemError|ncclUnhandledCudaError|ncclInternalError/,
    why: 'The processes of the distributed job could not talk to each other over NCCL.',
    fix: 'Set NCCL_DEBUG=INFO to learn more. On one machine without NVLink NCCL_P2P_DISABLE=1 may help; without GPUs use the backend gloo.',
  },
];
