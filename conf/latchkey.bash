# Completion of latchkey and latchkeyd for bash. It asks the programs what they know, so that it is
# never behind them.
_latchkey() {
    local word=${COMP_WORDS[COMP_CWORD]} words
    if [ "$COMP_CWORD" = 1 ]; then
        words=$("$1" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
    elif [ "${word#-}" != "$word" ]; then
        words=$("${COMP_WORDS[@]:0:2}" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u)
    else
        words=$("${COMP_WORDS[@]:0:2}" --help 2>/dev/null |
            sed -n 's/^  \(latchkey [a-z-]* \)\{0,1\}\([a-z][a-z-]*\) .*/\2/p')
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
_latchkeyd() {
    local word=${COMP_WORDS[COMP_CWORD]}
    mapfile -t COMPREPLY < <(compgen -W "$("$1" --help 2>/dev/null |
        grep -oE -- '--[a-z][a-z-]+' | sort -u)" -- "$word")
}
complete -o default -F _latchkey latchkey
complete -o default -F _latchkeyd latchkeyd
