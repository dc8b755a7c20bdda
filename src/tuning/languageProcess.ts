/**
 * How the language server is started as a process of its own, by the version of V8. Its garbage is short-lived, so a small young generation will do; machine code is made
 * of what runs very often alone, since small files are answered in milliseconds without it and the compilers' memory is a fifth of the server's; each edit of a
 * large file leaves its old text behind, so the heap grows by a quarter at most until it is collected; and the C library gives back what is free (Linux; nothing elsewhere).
 */
export function languageProcess(v8: string): { execArgv: string[]; env: Record<string, string> } {
  const [major = 0, minor = 0] = v8.split('.').map(Number);
  // An older V8 refuses to start with flags that it does not know.
  const counts = major > 13 || (major === 13 && minor >= 6) ? { maglev: 20_000, 'maglev-osr': 5000, turbofan: 100_000, osr: 50_000 } : {};
  return {
    execArgv: [
      '--max-semi-space-size=1',
      '--heap-growing-percent=25',
      ...Object.entries(counts).map(([tier, count]) => `--invocation-count-for-${tier}=${count}`),
    ],
    env: { MALLOC_TRIM_THRESHOLD_: '65536' },
  };
}
