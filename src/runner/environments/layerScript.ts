/**
 * A Python program that makes a job's layer: an empty virtual environment that sees all packages of the Python which runs the program. The first argument is the layer's folder. The second, which may be left
 * out, is the folder of the virtual environment below: the data files of its packages are linked into the layer. The program has no single quotes, since the shell gets it between such.
 */
export const layerScript = `
import os, sys
layer = sys.argv[1]
version = "python%d.%d" % sys.version_info[:2]
executable = sys.executable if sys.prefix == sys.base_prefix else os.path.realpath(sys.executable)
packages = os.path.join(layer, "lib", version, "site-packages")
programs = os.path.join(layer, "bin")
os.makedirs(packages)
os.makedirs(programs)
# Python takes everything but "true" for no; pip takes everything but "false" for yes, so that it does not refuse --user.
with open(os.path.join(layer, "pyvenv.cfg"), "w") as file:
    file.write("home = %s\\ninclude-system-site-packages = False\\nversion = %s\\n" % (os.path.dirname(executable), sys.version.split()[0]))
# What is installed for the user is installed for the job, too.
lines = ["import os, site, sys", "os.environ[\\"PYTHONUSERBASE\\"] = sys.prefix", "site.ENABLE_USER_SITE = True"]
lines += ["site.addsitedir(%r)" % each for each in sys.path if each.rstrip("/").endswith(("site-packages", "dist-packages"))]
with open(os.path.join(packages, "updraft-shared.pth"), "w") as file:
    file.write("; ".join(lines) + "\\n")
if getattr(sys, "platlibdir", "lib") == "lib64" or (len(sys.argv) > 2 and os.path.exists(os.path.join(sys.argv[2], "lib64"))):
    os.symlink("lib", os.path.join(layer, "lib64"))
os.symlink(executable, os.path.join(programs, "python"))
for name in ("python3", version):
    os.symlink("python", os.path.join(programs, name))
for root, folders, files in os.walk(sys.argv[2]) if len(sys.argv) > 2 else ():
    if root == sys.argv[2]:
        folders[:] = [each for each in folders if each not in ("bin", "lib", "lib64", "include") and not each.startswith("updraft-")]
        continue
    target = os.path.join(layer, os.path.relpath(root, sys.argv[2]))
    os.makedirs(target)
    for name in files:
        os.symlink(os.path.join(root, name), os.path.join(target, name))
`;

/** What a program does that stands for Python in a job: it makes the job's layer when there is none, by \`make\`, and becomes its Python. Of several that come first, one makes it. */
const program = (make: string) => `#!/bin/sh
: "\${UPDRAFT_PYTHON:=\${TMPDIR:-/tmp}/updraft-python-$$}"
if ! [ -e "$UPDRAFT_PYTHON/bin/python" ]; then
  copy=$UPDRAFT_PYTHON.$$
  ${make}
  ln -s -n "\${copy##*/}" "$UPDRAFT_PYTHON" 2>/dev/null || rm -rf "$copy"
fi
exec "$UPDRAFT_PYTHON/bin/\${0##*/}" "$@"
`;

/** The program over a shared environment, whose layer lies ready beside the program's folder. */
export const programOfEnvironment = program('cp -RP "${0%/*}/../layer" "$copy" || exit');

/**
 * The program over the Python that comes first on the PATH behind it, of whatever machine that is. Where there is none that can be used, the PATH has the last word.
 */
export const programOfMachine = program(`own=\${0%/*} rest=:$PATH:
  while case $rest in *":$own:"*) true ;; *) false ;; esac; do rest=\${rest%%":$own:"*}:\${rest#*":$own:"}; done
  rest=\${rest#:}
  for each in python3 python; do
    (PATH=\${rest%:}; exec "$each" -E -c '${layerScript}' "$copy") >/dev/null 2>&1
    [ -e "$copy/bin/\${0##*/}" ] && break
    rm -rf "$copy"
  done
  [ -e "$copy" ] || { PATH=\${rest%:}; exec "\${0##*/}" "$@"; }`);

/** pip of the Python that comes first on the PATH. */
export const programOfPip = '#!/bin/sh\nexec python -m pip "$@"\n';
