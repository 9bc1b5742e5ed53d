# Completion of latchkey and latchkeyd for bash. It asks the programs' own --help, so that it knows what
# they know.
# The words that may follow COMMAND: those of its usage lines, and those that its help lists.
_latchkey_words() {
    "$@" --help 2>/dev/null |
        sed -nE -e "s/^(usage:)? *latchkey $2 ([a-z][a-z0-9|-]*)( .*)?\$/\2/p" \
                -e 's/^  (latchkey [a-z-]* )?([a-z][a-z-]*)( .*)?$/\2/p' | tr '|' '\n' | sort -u
}
_latchkey_options() {
    "$@" --help 2>/dev/null | _latchkey_of_world | grep -oE -- '--[a-z][a-z-]+' | sort -u
}
# Of the options of single worlds, those of the one behind --world; without it, all.
_latchkey_of_world() {
    local i world=
    for ((i = 2; i < COMP_CWORD; i++)); do
        [ "${COMP_WORDS[i - 1]}" = --world ] && world=${COMP_WORDS[i]}
    done
    awk -v world="$world" '/^Worlds:/ { below = 1 } below && /^  [a-z]/ { of_it = $1 == world }
                           !below || of_it || world == ""'
}
_latchkey() {
    local word=${COMP_WORDS[COMP_CWORD]} command=("${COMP_WORDS[@]:0:2}") words
    # Behind a subcommand its own help counts: that of "ue connect" is not that of "ue attach".
    if [ "$COMP_CWORD" -gt 2 ] && _latchkey_words "${command[@]}" | grep -qxF -- "${COMP_WORDS[2]}"; then
        command+=("${COMP_WORDS[2]}")
    fi
    if [ "$COMP_CWORD" = 1 ]; then
        words=$("$1" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
    elif [ "${word#-}" != "$word" ]; then
        words=$(_latchkey_options "${command[@]}")
    elif [ "${#command[@]}" = 2 ]; then
        words=$(_latchkey_words "${command[@]}")
    else
        words=$("${command[@]}" --help 2>/dev/null |
            awk -v of="${command[2]}" '/^( ? ?)[^ ]/ { on = $1 == of } on' | grep -oE '\<[a-z]+=' | sort -u)
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
_latchkeyd() {
    local word=${COMP_WORDS[COMP_CWORD]}
    mapfile -t COMPREPLY < <(compgen -W "$(_latchkey_options "$1")" -- "$word")
}
complete -o default -F _latchkey latchkey
complete -o default -F _latchkeyd latchkeyd
