/** What a shell has to be told so that it completes `updraft`: it asks the program itself, so the script never grows old. */
export const scripts = {
  bash: `_updraft() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(updraft complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _updraft updraft
`,
  zsh: `#compdef updraft
_updraft() {
  local -a found
  found=("\${(@f)$(updraft complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null | sed 's/:/\\\\:/g; s/\\t/:/')}")
  if [[ -n "\${found[1]}" ]]; then _describe updraft found; else _files; fi
}
compdef _updraft updraft
`,
  fish: `function __updraft_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (updraft complete -- $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c updraft -f -a '(__updraft_complete)'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName updraft -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '""' }
  updraft complete -- @words 2>$null | ForEach-Object {
    $word, $what = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $(if ($what) { $what } else { $word }))
  }
}
`,
} as const;
export type Shell = keyof typeof scripts;
