import type { Cause } from './cause.ts';

/** Files that are not there, or are not what they should be. */
export const files: Cause[] = [
  {
    id: 'script-missing',
    says: /can't open file '(?<file>[^']+)': \[Errno 2\]/,
    why: 'The command starts {file}, which is not in the code of the job.',
    fix: 'The command runs in the folder that "code" names: give the path from there, and see that no .amlignore or .gitignore leaves the file out.',
  },
  {
    id: 'windows-path',
    says: /(?:FileNotFoundError|No such file or directory).*'(?<file>(?:[A-Za-z]:\\|\.{0,2}\\)[^']*)'/,
    why: 'The path {file} is one of Windows, and the job does not run there.',
    fix: "Write paths with '/', or take them from inputs: ${{inputs.data}}.",
  },
  {
    id: 'file-missing',
    says: /FileNotFoundError: (?:\[Errno 2\] )?(?:No such file or directory|Unable to open file|\[Errno 2\] [^:]+): '?(?<file>[^']+?)'?$/,
    why: 'There is no {file}.',
    fix: 'A job sees its own code folder and its inputs alone. Give the data as an input and use the path that ${{inputs.NAME}} becomes; make folders with os.makedirs before files are written to them.',
  },
  {
    id: 'folder-instead-of-file',
    says: /IsADirectoryError: .*'(?<file>[^']+)'/,
    why: '{file} is a folder, and the script opens it as a file.',
    fix: 'Use uri_file for an input that is one file, or choose a file in the folder in the script.',
  },
  {
    id: 'file-instead-of-folder',
    says: /NotADirectoryError: .*'(?<file>[^']+)'/,
    why: '{file} is a file, and the script uses it as a folder.',
    fix: 'Use uri_folder for an input that is a folder, or open the file itself.',
  },
  {
    id: 'read-only',
    says: /\[Errno 30\]|Read-only file system/,
    why: 'The job writes to a place that can only be read.',
    fix: 'Write to an output (${{outputs.NAME}}) or to ./outputs. Inputs are not written to.',
  },
  {
    id: 'permission',
    says: /PermissionError: \[Errno 13\].*'(?<file>[^']+)'/,
    why: 'The job may not read or write {file}.',
    fix: 'Write to an output (${{outputs.NAME}}) or to ./outputs. Scripts that are started by their name need the right to execute (chmod +x).',
  },
  {
    id: 'file-exists',
    says: /FileExistsError: .*'(?<file>[^']+)'/,
    why: '{file} is there already.',
    fix: 'Make folders with os.makedirs(…, exist_ok=True).',
  },
  {
    id: 'encoding',
    says: /UnicodeDecodeError: '(?<codec>[\w-]+)' codec can't decode byte/,
    why: 'The file is not text in {codec}.',
    fix: "Name its encoding (encoding='latin-1', 'utf-16', …), or see whether it is compressed.",
  },
  {
    id: 'not-an-archive',
    says: /BadZipFile|Not a gzipped file|tarfile\.ReadError|not a zip file/,
    why: 'The file is not the kind of archive that it is opened as; it may have been cut off.',
    fix: 'Look at its first bytes and its size, and download it again.',
  },
  {
    id: 'parquet',
    says: /Parquet magic bytes not found|ArrowInvalid: .*[Pp]arquet|Could not open Parquet input source/,
    why: 'The file is no Parquet file, or its end is missing.',
    fix: 'See that the input is the file itself and was written to its end.',
  },
  {
    id: 'pickle-version',
    says: /UnpicklingError|unsupported pickle protocol|InconsistentVersionWarning|Can't get attribute '(?<name>\w+)' on <module/,
    why: 'A pickled object was saved with other versions of Python or of its packages, or with a class that is not there now.',
    fix: 'Install the versions that it was saved with, or save it again. Classes of __main__ belong into a module that both scripts import.',
  },
  {
    id: 'torch-weights-only',
    says: /Weights only load failed|weights_only=True/,
    why: 'torch.load refuses what is more than tensors, since it could run code.',
    fix: 'For a file that you trust: torch.load(…, weights_only=False). Better save state_dict() alone.',
  },
  {
    id: 'json',
    says: /JSONDecodeError: (?<what>.+)/,
    why: 'A text is not JSON: {what}.',
    fix: 'Look at the file or answer that is read: an empty file and an error page are no JSON. JSON Lines are read line by line.',
  },
  {
    id: 'yaml',
    says: /yaml\.(?:scanner|parser|constructor)\.\w+Error/,
    why: 'A YAML file that the script reads is not valid.',
    fix: 'The lines above name line and column.',
  },
  {
    id: 'csv-empty',
    says: /EmptyDataError: No columns to parse from file/,
    why: 'The CSV file is empty.',
    fix: 'See what wrote it, and that the path leads to the right file.',
  },
  {
    id: 'csv',
    says: /ParserError: Error tokenizing data/,
    why: 'The rows of the CSV file do not all have the same number of columns.',
    fix: 'Name the separator (sep), and look at the line that the message names. A folder that is read as a file looks the same.',
  },
];
