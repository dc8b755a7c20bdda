import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { InstallProgress } from '../../../src/runner/environments/installProgress.ts';

/** What is said after each line, without what says nothing. */
const read = (output: string): string[] => {
  const progress = new InstallProgress(2);
  return output.split('\n').flatMap((line) => progress.read(line) ?? []);
};

describe('how far an installation is', () => {
  it('is read from what uv writes', () => {
    assert.deepEqual(
      read(`Using Python 3.11.7 environment at: v
Resolved 51 packages in 5.38s
Downloading pandas (11.8MiB)
   Building docopt==0.6.2
Downloading scipy (33.7MiB)
Downloading numpy (16.1MiB)
 Downloaded pandas
      Built docopt==0.6.2
 Downloaded numpy
 Downloaded scipy
Prepared 51 packages in 7.62s
Installed 51 packages in 406ms
 + docopt==0.6.2`),
      [
        'Installing 51 packages',
        'Installing 51 packages: 0 of 1 download done, now pandas (11.8MiB)',
        'Installing 51 packages: 0 of 2 downloads done, now pandas (11.8MiB), docopt==0.6.2',
        'Installing 51 packages: 0 of 3 downloads done, now pandas (11.8MiB), docopt==0.6.2, scipy (33.7MiB)',
        'Installing 51 packages: 0 of 4 downloads done, now pandas (11.8MiB), docopt==0.6.2, scipy (33.7MiB), …',
        'Installing 51 packages: 1 of 4 downloads done, now docopt==0.6.2, scipy (33.7MiB), numpy (16.1MiB)',
        'Installing 51 packages: 2 of 4 downloads done, now scipy (33.7MiB), numpy (16.1MiB)',
        'Installing 51 packages: 3 of 4 downloads done, now scipy (33.7MiB)',
        'Installing 51 packages: 4 of 4 downloads done',
        'Installing 51 packages: all are here',
      ],
    );
  });

  it('is read from what pip writes', () => {
    assert.deepEqual(
      read(`Looking in links: /wheels
Collecting pandas
  Downloading pandas-3.1.1-cp311-cp311-manylinux_2_24_x86_64.whl (12.4 MB)
Collecting numpy>=2.0.2 (from pandas)
  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl (16.9 MB)
Collecting docopt
  Downloading docopt-0.6.2.tar.gz (25 kB)
  Preparing metadata (pyproject.toml): finished with status 'done'
Building wheels for collected packages: docopt
  Building wheel for docopt (pyproject.toml): started
  Building wheel for docopt (pyproject.toml): finished with status 'done'
Installing collected packages: docopt, numpy, pandas
Successfully installed docopt-0.6.2`),
      [
        'Getting packages: 1 so far, now pandas',
        'Getting packages: 2 so far, now numpy',
        'Getting packages: 3 so far, now docopt',
        'Building docopt',
        'Installing 3 packages',
      ],
    );
  });

  it('is nothing where a line is anything else', () => {
    assert.deepEqual(read('\nwarning: Downloading is slow today\nResolved nothing\n Built\n'), []);
  });
});
