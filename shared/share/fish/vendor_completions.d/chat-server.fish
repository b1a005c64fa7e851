# fish completion for chat-server. Made by `python -m manual`.

function __chat_server_is_at
    set -l path ''
    set -l before ''
    for word in (commandline -opc)[2..-1]
        if contains -- $before --listen --host --nodes --web-url --tls-cert --tls-key --trust-proxy --data --store --bucket --bucket-endpoint --node --name --registration --durability --keep --metrics --grace --log-level --log-format --limits.connections --limits.connections-per-address --limits.sessions-per-account --limits.rooms-per-account --limits.registrations --limits.invitations --limits.posts --limits.posts-per-second --limits.requests --limits.requests-per-second --limits.backlog-bytes --limits.max-file --limits.file-bytes-per-account --limits.file-bytes --limits.free-disk --limits.uploads --limits.transfers --limits.transfers-per-account --limits.transfer-burst --limits.transfer-bytes-per-second --config --days --as --to
            set before ''
        else
            set before $word
            contains -- "$path $word" ' admin' ' admin accounts' ' admin accounts list' ' admin accounts reset-password' ' admin accounts lock' ' admin accounts unlock' ' admin accounts delete' ' admin rooms' ' admin rooms list' ' admin rooms delete' ' admin rooms reset-password' ' admin rooms owner' ' admin rooms keep' ' admin sessions' ' admin sessions list' ' admin sessions drop' ' admin invite' ' admin notice' ' admin stats' ' backup' ' check' ' export' ' migrate-store' ' restore' ' import'; and set path "$path $word"
        end
    end
    test "$path" = "$argv"
end

complete -c chat-server -f
complete -c chat-server -n '__chat_server_is_at ""' -a admin -d 'Manage the running server'
complete -c chat-server -n '__chat_server_is_at ""' -a backup -d 'Back up all accounts, rooms, messages and files to a new FILE (the server may be running)'
complete -c chat-server -n '__chat_server_is_at ""' -a check -d 'Check the settings and the data folder (safe while the server runs)'
complete -c chat-server -n '__chat_server_is_at ""' -a export -d 'Write a room with its files to a new folder (the server may be running)'
complete -c chat-server -n '__chat_server_is_at ""' -a migrate-store -d 'Copy all accounts, rooms and messages FROM a data folder TO PostgreSQL, or back'
complete -c chat-server -n '__chat_server_is_at ""' -a restore -d 'Restore all accounts, rooms and messages from a backup FILE, and files from FILE.files'
complete -c chat-server -n '__chat_server_is_at ""' -a import -d 'Import accounts and rooms from the old chat\'s FILE (JSON or pickle)'
complete -c chat-server -n '__chat_server_is_at ""' -l listen -d 'Listen on tls://HOST:PORT, tcp://HOST:PORT or unix:///PATH (repeatable; port 0: any port)' -x
complete -c chat-server -n '__chat_server_is_at ""' -l host -d 'Use this host name or address in join links' -x
complete -c chat-server -n '__chat_server_is_at ""' -l nodes -d 'Tell clients another HOST:PORT where this server, with the same certificate, may be reached (repeatable)' -x
complete -c chat-server -n '__chat_server_is_at ""' -l web-url -d 'Tell browsers apart from other pages by the address people open, https://chat.example.org/; needed behind a web server' -x
complete -c chat-server -n '__chat_server_is_at ""' -l tls-cert -d 'Use your own certificate (PEM, with its chain), reloaded on SIGHUP; needs --tls-key' -rF
complete -c chat-server -n '__chat_server_is_at ""' -l tls-key -d 'Use this private key for --tls-cert (PEM, without a passphrase)' -rF
complete -c chat-server -n '__chat_server_is_at ""' -l insecure -d 'Allow unencrypted tcp:// on a network, where others can read messages and passwords'
complete -c chat-server -n '__chat_server_is_at ""' -l trust-proxy -d 'Believe proxies at this address or network (10.0.0.5, 10.0.0.0/24) whom they forward; each connection must begin with a PROXY v2 header (repeatable)' -x
complete -c chat-server -n '__chat_server_is_at ""' -l data -d 'Keep everything in this folder; it is created if missing' -rF
complete -c chat-server -n '__chat_server_is_at ""' -l store -d 'Store accounts, rooms and messages in PostgreSQL, postgresql:///DATABASE?host=A,B, instead of the data folder; other servers with the same store stand by' -x
complete -c chat-server -n '__chat_server_is_at ""' -l bucket -d 'Keep the content of files in s3://BUCKET/PREFIX instead of the data folder, as servers with the same store need it' -x
complete -c chat-server -n '__chat_server_is_at ""' -l bucket-endpoint -d 'Find the bucket at https://HOST:PORT, a service that speaks S3, instead of AWS' -x
complete -c chat-server -n '__chat_server_is_at ""' -l node -d 'Call this server so among those with the same store' -x
complete -c chat-server -n '__chat_server_is_at ""' -l name -d 'Set the server name that people see' -x
complete -c chat-server -n '__chat_server_is_at ""' -l registration -d 'Choose who can register: anyone, people with an invitation code, or nobody' -x -a 'open invite closed'
complete -c chat-server -n '__chat_server_is_at ""' -l guest-links -d 'Let members make links for guests, who need no account: one room, for a day (/invite guests)'
complete -c chat-server -n '__chat_server_is_at ""' -l durability -d 'Choose what an accepted message survives: a power failure, or only a crash (faster)' -x -a 'power process'
complete -c chat-server -n '__chat_server_is_at ""' -l keep -d 'Keep messages for 12h, 90d, 52w or forever; can be set per room with admin rooms keep' -x
complete -c chat-server -n '__chat_server_is_at ""' -l metrics -d 'Serve Prometheus metrics on tcp://127.0.0.1:PORT; needs the extra trialogue[metrics]' -x
complete -c chat-server -n '__chat_server_is_at ""' -l grace -d 'Give clients this many seconds on shutdown to receive what is queued for them' -x
complete -c chat-server -n '__chat_server_is_at ""' -l log-level -d 'Write log entries at this level and above to stderr' -x -a 'debug info warning error'
complete -c chat-server -n '__chat_server_is_at ""' -l log-format -d 'Write log lines as readable text or as JSON' -x -a 'pretty json'
complete -c chat-server -n '__chat_server_is_at ""' -l until-eof -d 'Stop when standard input ends, for programs that start their own server'
complete -c chat-server -n '__chat_server_is_at ""' -l limits.connections -d 'Limit simultaneous connections in total' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.connections-per-address -d 'Limit simultaneous connections from one address (enough for a classroom)' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.sessions-per-account -d 'Limit the devices an account is logged in on; one more logs out the oldest' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.rooms-per-account -d 'Limit the rooms an account can be in, not counting the general room' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.registrations -d 'Limit the accounts that can be registered from one address at once; then one a minute' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.invitations -d 'Limit the unused invitations a member has; 0: only owners invite, only people with an account' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.posts -d 'Limit the messages one account can send in a burst' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.posts-per-second -d 'Limit the messages per second one account can send on average' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.requests -d 'Limit the other requests in a burst, per account, and per address before log-in' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.requests-per-second -d 'Limit the other requests per second on average, per account and per address' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.backlog-bytes -d 'Limit the memory for what waits to be sent, in all; the slowest readers are disconnected' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.max-file -d 'Limit the bytes of a file in a message; 0: no files' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.file-bytes-per-account -d 'Limit the bytes of all files of one account' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.file-bytes -d 'Limit the bytes of all files on the server' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.free-disk -d 'Take no files that would leave less than this many bytes of the disk free' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.uploads -d 'Limit the uploads of one account that are not sent yet; after a day they are removed' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.transfers -d 'Limit the files that are uploaded and downloaded at the same time, in all' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.transfers-per-account -d 'Limit the files that one account uploads and downloads at the same time' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.transfer-burst -d 'Limit the bytes of files that one account can upload and download in a burst' -x
complete -c chat-server -n '__chat_server_is_at ""' -l limits.transfer-bytes-per-second -d 'Limit the bytes of files per second that one account can upload and download on average' -x
complete -c chat-server -n '__chat_server_is_at ""' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at ""' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at ""' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin"' -a accounts -d 'List and manage accounts'
complete -c chat-server -n '__chat_server_is_at " admin"' -a rooms -d 'List and manage rooms'
complete -c chat-server -n '__chat_server_is_at " admin"' -a sessions -d 'List connections and log out devices'
complete -c chat-server -n '__chat_server_is_at " admin"' -a invite -d 'Create an invitation code that one person can register with'
complete -c chat-server -n '__chat_server_is_at " admin"' -a notice -d 'Send a notice to everyone who is logged in'
complete -c chat-server -n '__chat_server_is_at " admin"' -a stats -d 'Show server statistics'
complete -c chat-server -n '__chat_server_is_at " admin"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts"' -a list -d 'List all accounts'
complete -c chat-server -n '__chat_server_is_at " admin accounts"' -a reset-password -d 'Set a new random password, log out all devices and remove all SSH keys of the account'
complete -c chat-server -n '__chat_server_is_at " admin accounts"' -a lock -d 'Prevent log-ins to an account and log out its devices'
complete -c chat-server -n '__chat_server_is_at " admin accounts"' -a unlock -d 'Allow log-ins to an account again'
complete -c chat-server -n '__chat_server_is_at " admin accounts"' -a delete -d 'Delete an account permanently; its messages stay, and its name stays taken'
complete -c chat-server -n '__chat_server_is_at " admin accounts"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts list"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts list"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts list"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts list"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts reset-password"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts reset-password"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts reset-password"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts reset-password"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts lock"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts lock"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts lock"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts lock"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts unlock"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts unlock"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts unlock"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts unlock"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts delete"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts delete"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin accounts delete"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin accounts delete"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms"' -a list -d 'List all rooms'
complete -c chat-server -n '__chat_server_is_at " admin rooms"' -a delete -d 'Delete a room and all its messages permanently'
complete -c chat-server -n '__chat_server_is_at " admin rooms"' -a reset-password -d 'Set a new random room password; members stay members'
complete -c chat-server -n '__chat_server_is_at " admin rooms"' -a owner -d 'Make an account the owner of a room, and a member if it is not one'
complete -c chat-server -n '__chat_server_is_at " admin rooms"' -a keep -d 'Keep a room\'s messages for 12h, 90d, 52w, forever or default (the server\'s --keep)'
complete -c chat-server -n '__chat_server_is_at " admin rooms"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms list"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms list"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms list"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms list"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms delete"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms delete"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms delete"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms delete"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms reset-password"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms reset-password"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms reset-password"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms reset-password"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms owner"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms owner"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms owner"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms owner"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms keep"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms keep"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin rooms keep"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin rooms keep"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin sessions"' -a list -d 'List open connections'
complete -c chat-server -n '__chat_server_is_at " admin sessions"' -a drop -d 'Log out all devices of an account; they need the password or an SSH key to log in again'
complete -c chat-server -n '__chat_server_is_at " admin sessions"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin sessions"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin sessions"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin sessions list"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin sessions list"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin sessions list"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin sessions list"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin sessions drop"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin sessions drop"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin sessions drop"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin sessions drop"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin invite"' -l days -d 'Expire the code after this many days' -x
complete -c chat-server -n '__chat_server_is_at " admin invite"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin invite"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin invite"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin invite"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin notice"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin notice"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin notice"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin notice"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " admin stats"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " admin stats"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " admin stats"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " admin stats"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " backup"' -F
complete -c chat-server -n '__chat_server_is_at " backup"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " backup"' -l bucket -d 'Find files in this bucket, s3://…, as the server does' -x
complete -c chat-server -n '__chat_server_is_at " backup"' -l bucket-endpoint -d 'Find the bucket at https://HOST:PORT, as the server does' -x
complete -c chat-server -n '__chat_server_is_at " backup"' -l no-files -d 'Leave out what people uploaded'
complete -c chat-server -n '__chat_server_is_at " backup"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " backup"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " backup"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " check"' -l listen -d 'Listen on tls://HOST:PORT, tcp://HOST:PORT or unix:///PATH (repeatable; port 0: any port)' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l host -d 'Use this host name or address in join links' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l nodes -d 'Tell clients another HOST:PORT where this server, with the same certificate, may be reached (repeatable)' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l web-url -d 'Tell browsers apart from other pages by the address people open, https://chat.example.org/; needed behind a web server' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l tls-cert -d 'Use your own certificate (PEM, with its chain), reloaded on SIGHUP; needs --tls-key' -rF
complete -c chat-server -n '__chat_server_is_at " check"' -l tls-key -d 'Use this private key for --tls-cert (PEM, without a passphrase)' -rF
complete -c chat-server -n '__chat_server_is_at " check"' -l insecure -d 'Allow unencrypted tcp:// on a network, where others can read messages and passwords'
complete -c chat-server -n '__chat_server_is_at " check"' -l trust-proxy -d 'Believe proxies at this address or network (10.0.0.5, 10.0.0.0/24) whom they forward; each connection must begin with a PROXY v2 header (repeatable)' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l data -d 'Keep everything in this folder; it is created if missing' -rF
complete -c chat-server -n '__chat_server_is_at " check"' -l store -d 'Store accounts, rooms and messages in PostgreSQL, postgresql:///DATABASE?host=A,B, instead of the data folder; other servers with the same store stand by' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l bucket -d 'Keep the content of files in s3://BUCKET/PREFIX instead of the data folder, as servers with the same store need it' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l bucket-endpoint -d 'Find the bucket at https://HOST:PORT, a service that speaks S3, instead of AWS' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l node -d 'Call this server so among those with the same store' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l name -d 'Set the server name that people see' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l registration -d 'Choose who can register: anyone, people with an invitation code, or nobody' -x -a 'open invite closed'
complete -c chat-server -n '__chat_server_is_at " check"' -l guest-links -d 'Let members make links for guests, who need no account: one room, for a day (/invite guests)'
complete -c chat-server -n '__chat_server_is_at " check"' -l durability -d 'Choose what an accepted message survives: a power failure, or only a crash (faster)' -x -a 'power process'
complete -c chat-server -n '__chat_server_is_at " check"' -l keep -d 'Keep messages for 12h, 90d, 52w or forever; can be set per room with admin rooms keep' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l metrics -d 'Serve Prometheus metrics on tcp://127.0.0.1:PORT; needs the extra trialogue[metrics]' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l grace -d 'Give clients this many seconds on shutdown to receive what is queued for them' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l log-level -d 'Write log entries at this level and above to stderr' -x -a 'debug info warning error'
complete -c chat-server -n '__chat_server_is_at " check"' -l log-format -d 'Write log lines as readable text or as JSON' -x -a 'pretty json'
complete -c chat-server -n '__chat_server_is_at " check"' -l until-eof -d 'Stop when standard input ends, for programs that start their own server'
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.connections -d 'Limit simultaneous connections in total' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.connections-per-address -d 'Limit simultaneous connections from one address (enough for a classroom)' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.sessions-per-account -d 'Limit the devices an account is logged in on; one more logs out the oldest' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.rooms-per-account -d 'Limit the rooms an account can be in, not counting the general room' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.registrations -d 'Limit the accounts that can be registered from one address at once; then one a minute' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.invitations -d 'Limit the unused invitations a member has; 0: only owners invite, only people with an account' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.posts -d 'Limit the messages one account can send in a burst' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.posts-per-second -d 'Limit the messages per second one account can send on average' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.requests -d 'Limit the other requests in a burst, per account, and per address before log-in' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.requests-per-second -d 'Limit the other requests per second on average, per account and per address' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.backlog-bytes -d 'Limit the memory for what waits to be sent, in all; the slowest readers are disconnected' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.max-file -d 'Limit the bytes of a file in a message; 0: no files' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.file-bytes-per-account -d 'Limit the bytes of all files of one account' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.file-bytes -d 'Limit the bytes of all files on the server' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.free-disk -d 'Take no files that would leave less than this many bytes of the disk free' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.uploads -d 'Limit the uploads of one account that are not sent yet; after a day they are removed' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.transfers -d 'Limit the files that are uploaded and downloaded at the same time, in all' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.transfers-per-account -d 'Limit the files that one account uploads and downloads at the same time' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.transfer-burst -d 'Limit the bytes of files that one account can upload and download in a burst' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l limits.transfer-bytes-per-second -d 'Limit the bytes of files per second that one account can upload and download on average' -x
complete -c chat-server -n '__chat_server_is_at " check"' -l files -d 'Read all that people uploaded, to find what is damaged'
complete -c chat-server -n '__chat_server_is_at " check"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " check"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " check"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " export"' -l as -d 'html and markdown to read, jsonl for programs' -x -a 'html markdown jsonl'
complete -c chat-server -n '__chat_server_is_at " export"' -l to -d 'New folder' -rF
complete -c chat-server -n '__chat_server_is_at " export"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " export"' -l store -d 'Use this database, postgresql://…, as the server does' -x
complete -c chat-server -n '__chat_server_is_at " export"' -l bucket -d 'Find files in this bucket, s3://…, as the server does' -x
complete -c chat-server -n '__chat_server_is_at " export"' -l bucket-endpoint -d 'Find the bucket at https://HOST:PORT, as the server does' -x
complete -c chat-server -n '__chat_server_is_at " export"' -l no-files -d 'Leave out what people uploaded'
complete -c chat-server -n '__chat_server_is_at " export"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " export"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " export"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " migrate-store"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " migrate-store"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " migrate-store"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " restore"' -F
complete -c chat-server -n '__chat_server_is_at " restore"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " restore"' -l bucket -d 'Put files into this bucket, s3://…, of the server' -x
complete -c chat-server -n '__chat_server_is_at " restore"' -l bucket-endpoint -d 'Find the bucket at https://HOST:PORT, as the server does' -x
complete -c chat-server -n '__chat_server_is_at " restore"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " restore"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " restore"' -l version -d 'Show the version and exit'
complete -c chat-server -n '__chat_server_is_at " import"' -F
complete -c chat-server -n '__chat_server_is_at " import"' -l data -d 'Use this data folder' -rF
complete -c chat-server -n '__chat_server_is_at " import"' -l config -d 'Read settings from this TOML file, where they are named like the flags' -rF
complete -c chat-server -n '__chat_server_is_at " import"' -l help -s h -d 'Show this help and exit'
complete -c chat-server -n '__chat_server_is_at " import"' -l version -d 'Show the version and exit'
