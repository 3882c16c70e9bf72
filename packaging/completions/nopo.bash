# bash completion for nopo: built-in commands, options, and the targets of the project at hand.

_nopo_targets() {
  nopo list --csv 2>/dev/null | tr ',' '\n'
}

_nopo_options() {
  local everywhere='--project --filter --since --tags --jobs --dry-run --context --progress
    --no-color --verbose --quiet --help --no-daemon'
  case $1 in
    up) echo "$everywhere --build --no-deps --no-wait --timeout --scale --fail-fast --json" ;;
    down) echo "$everywhere --volumes --rmi --remove-orphans --json" ;;
    build)
      echo "$everywhere --no-cache --pull --output --target --build-arg --fail-fast --json"
      ;;
    list) echo "$everywhere --json --csv --format --validate" ;;
    status) echo "$everywhere --json --detailed" ;;
    logs) echo "$everywhere --follow --tail --timestamps" ;;
    '') echo "$everywhere --version" ;;
    *) echo "$everywhere --fail-fast" ;;
  esac
}

_nopo_values() {
  case $1 in
    --context) echo 'host container' ;;
    --progress) echo 'auto tty plain json quiet' ;;
    --format) echo 'text json csv' ;;
    --filter | -F) echo 'buildable changed affected package service' ;;
    *) return 1 ;;
  esac
}

_nopo() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local verb='' word candidates
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      -*) ;;
      *) verb=$word; break ;;
    esac
  done
  if candidates=$(_nopo_values "$previous"); then
    :
  elif [[ $previous == --project || $previous == --output ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  elif [[ $current == -* ]]; then
    candidates=$(_nopo_options "$verb")
  else
    case $verb in
      '') candidates='up down build run list status logs daemon completion version help' ;;
      daemon) candidates='start stop restart status logs' ;;
      completion) candidates='bash zsh fish' ;;
      help) candidates='up down build run list status logs daemon completion version' ;;
      *) candidates=$(_nopo_targets) ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$current")
}

complete -F _nopo nopo
