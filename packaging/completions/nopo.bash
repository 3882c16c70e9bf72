# bash completion for nopo, which knows by itself what may follow.

_nopo() {
  local -a words=() lines=()
  local word kind before joins=''
  # bash splits words at "=" as well: put them together again.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ ($joins || $word == =) && ${#words[@]} -gt 0 ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    [[ $word == = ]] && joins=yes || joins=''
  done
  # Only the part under the cursor is replaced, which is none right behind "=".
  [[ ${COMP_WORDS[COMP_CWORD]} == = ]] && word='' || word=${COMP_WORDS[COMP_CWORD]}
  before=${words[-1]%"$word"}
  mapfile -t lines < <(nopo __complete "${words[@]}" 2>/dev/null)
  kind=${lines[0]-}
  lines=("${lines[@]:1}")
  COMPREPLY=()
  case $kind in
    files) compopt -o default 2>/dev/null ;;
    directories) compopt -o dirnames 2>/dev/null ;;
    more) compopt -o nospace 2>/dev/null ;;
  esac
  for word in "${lines[@]}"; do
    word=${word%%$'\t'*}
    COMPREPLY+=("${word#"$before"}")
  done
}

complete -F _nopo nopo
