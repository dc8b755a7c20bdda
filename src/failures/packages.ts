import type { Cause } from './cause.ts';

/** Python packages and programs that are missing, or do not fit each other. */
export const packages: Cause[] = [
  {
    id: 'system-library-for-opencv',
    says: /ImportError: (?<library>libGL\.so\.1|libgthread-2\.0\.so\.0|libSM\.so\.6): cannot open shared object file/,
    why: 'OpenCV wants {library}, a library for windows on a screen, which this machine does not have.',
    fix: 'Use opencv-python-headless instead of opencv-python in the environment.',
  },
  {
    id: 'cuda-library',
    says: /(?<library>lib(?:cudart|cudnn|cublas|cufft|nvrtc|nccl|cusparse)[\w.-]*): cannot open shared object file/,
    why: 'The package was made for CUDA, and its library {library} is not there.',
    fix: 'Install the build of the package that matches the machine: the one for CPU, or the CUDA version that the driver has.',
  },
  {
    id: 'system-library',
    says: /(?:ImportError|OSError): (?<library>[\w.+-]+\.so[\w.]*): cannot open shared object file/,
    why: 'The system library {library} is not on this machine. pip does not install such libraries.',
    fix: 'Install it with the package manager of the system, or use a package that brings it along.',
  },
  {
    id: 'old-system',
    says: /version [`'](?<version>(?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)' not found/,
    why: 'A package was made for a newer Linux than this one: it wants {version}.',
    fix: 'Choose an older version of the package, or run on a newer system.',
  },
  {
    id: 'numpy-2',
    says: /numpy\.dtype size changed|compiled using NumPy 1\.x cannot be run in\s+NumPy 2|_ARRAY_API not found|numpy\.core\.multiarray failed to import/i,
    why: 'A package was compiled for another version of NumPy than the one that is installed.',
    fix: 'Add numpy<2 to the environment, or take newer versions of the packages that use NumPy.',
  },
  {
    id: 'numpy-removed',
    says: /AttributeError: (?:module 'numpy' has no attribute|`np\.)\s*[`']?(?<name>\w+)/,
    why: 'NumPy does not have "{name}" any more.',
    fix: 'Replace it in the code (np.float is float, np.int is int, np.bool is bool), or add an older NumPy to the environment.',
  },
  {
    id: 'circular-import',
    says: /ImportError: cannot import name '(?<name>[^']+)' from partially initialized module '(?<module>[^']+)'/,
    why: '"{module}" imports itself in a circle, or one of your files has the name of a library.',
    fix: 'Rename your file if it is called like a package (random.py, torch.py), or move the import into the function that needs it.',
  },
  {
    id: 'name-not-in-module',
    says: /ImportError: cannot import name '(?<name>[^']+)' from '(?<module>[^']+)'/,
    why: '"{module}" has no "{name}" in the version that is installed.',
    fix: 'Pin the version of the package that the code was written for.',
  },
  {
    id: 'package-missing',
    says: /ModuleNotFoundError: No module named '(?<module>[^']+)'/,
    why: 'The environment has no package that brings "{module}".',
    fix: 'Add {package} to the environment (below pip: in its conda file). If it is a file of your own, see that it lies below "code" and no ignore file leaves it out.',
  },
  {
    id: 'package-unknown',
    says: /(?:No matching distribution found for |Could not find a version that satisfies the requirement |Because (?=\S+ was not found in the package registry)|Because there (?:is|are) no versions? of )(?<name>[\w.[\]-]+)/,
    why: 'There is no such version of {name} for this Python and this system.',
    fix: 'See on PyPI which versions there are and which Python they want, and correct the environment.',
  },
  {
    id: 'packages-conflict',
    says: /ResolutionImpossible|No solution found when resolving dependencies|conflicting dependencies/,
    why: 'The packages of the environment ask for versions that do not go together.',
    fix: 'Loosen or remove a version in the environment; the lines above name the packages that disagree.',
  },
  {
    id: 'python-version',
    says: /requires (?:a different )?Python[:\s]|Requires-Python|python_requires/i,
    why: 'A package wants another version of Python than the environment has.',
    fix: 'Change "python=" in the conda file, or choose a version of the package for this Python.',
  },
  {
    id: 'package-needs-compiler',
    says: /(?:error: (?:command '[^']*(?:gcc|cc|g\+\+)' failed|Microsoft Visual C\+\+ \S+ or greater is required)|Failed building wheel for (?<name>\S+))/,
    why: 'A package had to be compiled, and that failed.',
    fix: 'Choose a version that has a wheel for this Python and system, or install a compiler and the headers that the lines above name.',
  },
  {
    id: 'nltk-data',
    says: /Resource [^\w]*(?<name>punkt\w*|stopwords|wordnet|averaged_perceptron_tagger\w*|vader_lexicon)[^\w]* not found/,
    why: 'NLTK has no data "{name}" here.',
    fix: "Download it before it is used: nltk.download('{name}'), or give it to the job as an input.",
  },
  {
    id: 'spacy-model',
    says: /OSError: \[E050\] Can't find model '(?<name>[^']+)'/,
    why: 'The spaCy model "{name}" is not installed.',
    fix: "Add its wheel to the environment, as spaCy's page of the model says.",
  },
  {
    id: 'java-missing',
    says: /JAVA_HOME is not set|JavaNotFoundException|Java gateway process exited before sending its port number/,
    why: 'Spark needs Java, and there is none.',
    fix: 'Install a Java runtime and set JAVA_HOME, or run this job where Spark is.',
  },
  {
    id: 'no-display',
    says: /TclError: no display name|cannot connect to X server|could not connect to display/,
    why: 'The script opens a window, and a job has no screen.',
    fix: 'Save the picture to a file. With Matplotlib set the environment variable MPLBACKEND=Agg.',
  },
];
