# fish completion for chat-tui. Made by `python -m manual`.

function __chat_tui_is_at
    set -l path ''
    set -l before ''
    for word in (commandline -opc)[2..-1]
        if contains -- $before --name --images --send --file --caption --out
            set before ''
        else
            set before $word
            contains -- "$path $word" ; and set path "$path $word"
        end
    end
    test "$path" = "$argv"
end

complete -c chat-tui -f
complete -c chat-tui -n '__chat_tui_is_at ""' -l name -d 'Log in with this name' -x
complete -c chat-tui -n '__chat_tui_is_at ""' -l local -d 'Start your own server, for as long as the client runs'
complete -c chat-tui -n '__chat_tui_is_at ""' -l plain -d 'Print lines instead of filling the screen, for screen readers and pipes'
complete -c chat-tui -n '__chat_tui_is_at ""' -l images -d 'Show pictures as well as the terminal says it can (auto), by kitty\'s protocol, by sixel if large, with half blocks, or by name only' -x -a 'auto kitty sixel blocks none'
complete -c chat-tui -n '__chat_tui_is_at ""' -l no-images -d 'Show only the names of pictures'
complete -c chat-tui -n '__chat_tui_is_at ""' -l send -d 'Send standard input to this room or @NAME as one message; exit with 0 once stored' -x
complete -c chat-tui -n '__chat_tui_is_at ""' -l file -d 'With --send: send this file, and not standard input; repeat it for more files' -rF
complete -c chat-tui -n '__chat_tui_is_at ""' -l caption -d 'With --file: the text of the message' -x
complete -c chat-tui -n '__chat_tui_is_at ""' -l new-token -d 'Log in and write a token for scripts to standard output, or to --out FILE'
complete -c chat-tui -n '__chat_tui_is_at ""' -l out -d 'Write the token to this new file, which only you can read' -rF
complete -c chat-tui -n '__chat_tui_is_at ""' -l kiosk -d 'Connect to SERVER only, and use no files or programs here; for sshd\'s ForceCommand'
complete -c chat-tui -n '__chat_tui_is_at ""' -l help -s h -d 'Show this help and exit'
complete -c chat-tui -n '__chat_tui_is_at ""' -l version -d 'Show the version and exit'
