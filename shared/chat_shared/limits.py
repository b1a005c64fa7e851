"""Every number that both ends must agree on, with its unit and its reason."""

PROTOCOL = 1  # the version announced by `hello`

GENERAL = "general"  # the room that every account is a member of and nobody can leave

# Other addresses of a server in `hello` or a link. Each is a host that others can make a client
# dial, and nobody runs more standbys.
MAX_NODES = 5

# Bytes of one frame, its newline included. The longest legal message is 8,000
# characters of four bytes, about 32 kB; twice that leaves room for escapes and
# for pages, and a hostile frame costs a session no more than this.
MAX_FRAME = 65_536

# Bytes that the messages or members of one page take together, each as the JSON
# it is sent as with its comma: what is left of a frame after the envelope. Count
# them encoded: JSON doubles a text of newlines, and 200 keys and times are 17 kB.
MAX_PAGE_BYTES = 60_000

MAX_TEXT = 8_000  # characters of one message: a long page of prose
MAX_NAME = 32  # characters of an account's or a room's name: fits a sidebar
MIN_PASSWORD = 8  # characters: NIST SP 800-63B's floor
MAX_PASSWORD = 256  # characters: keeps hashing cheap
MAX_TOPIC = 200  # characters: two lines above a room
MAX_REASON = 200  # characters of an away message, or of the reason of a kick, ban or mute
MAX_CLIENT = 80  # characters that describe a client and its system: one row of a list
MAX_WORDS = 200  # characters of a search
MAX_EMOJI = 32  # characters of a reaction: a family with skin tones has eleven
# Characters of a name, a topic, a time, a reason or the like that a server sends: twice what
# the longest may have. A client keeps thousands of them.
MAX_FIELD = 500
MAX_NONCE = 64  # characters: a UUID fits, a novel does not
MIN_TOKEN = 43  # characters of a token that a client makes: as many as ours have
MAX_TOKEN = 64  # characters: 32 random bytes in URL-safe base64 take 43
MAX_ID = 2**31 - 1  # request numbers fit a signed 32-bit integer everywhere
MAX_SEQ = 2**53 - 1  # sequence numbers stay exact in every JSON reader

# Rooms that one account may be in, at the most that an operator can allow, and direct
# messages besides: a `welcome` with that many of both, with the longest names, fits a frame.
MAX_ROOMS = 100
MAX_DIRECT = 100
# Rooms that `resume` may name: all of those, and rooms joined or left in that moment.
MAX_SEEN = 300

# People an account may block: that many of the longest names fit a frame.
MAX_BLOCKED = 400

# SSH keys. A key of RSA's 16,384 bits has 2,800 characters, and a comment of its own.
MAX_SSH_KEYS = 20  # of an account: as many as devices
MAX_SSH_KEY = 4_000  # characters of a public key as it is pasted
MAX_SSH_KEY_COMMENT = 80  # characters that are kept of a comment: one row of a list
MIN_RSA_BITS = 2_048  # NIST SP 800-131A

# Preferences of an account: what its devices share. Names and values together, as the JSON
# that they are sent as: the draft of one message of the greatest length, and a hundred short ones.
MAX_PREFERENCES = 40_000  # bytes
MAX_PREFERENCE_NAME = 64  # characters: a kind, and the name of a room

# Files. A chunk is the part of a file that one frame carries: in base64 it is a third longer.
MAX_CHUNK = 45_000  # bytes
MAX_FILES = 10  # of one message: an album, a log of each machine
MAX_FILE_NAME = 255  # bytes of UTF-8: what file systems allow
SHA256_SIZE = 64  # hexadecimal digits of a file's SHA-256

MAX_PAGE = 200  # messages or members in one page: a few screens
MAX_HITS = 50  # search results in one reply: a few screens
MAX_MARKS = 50  # matches marked in one search result: more than anyone sees of a message
MAX_LOOK_UP = 50  # messages requested by their numbers at once: those that a screen quotes
MAX_GAP = 500  # missed messages sent on `resume` before the client must page

# Unread messages of a room are counted up to here at log-in: it bounds the work, and
# a higher number is of no use to anyone.
MAX_COUNTED = 1_000
MAX_EMOJIS = 20  # different reactions to one message
MAX_REACTORS = 10  # names sent with the count of a reaction

TYPING_MEMBERS = 50  # members of a room beyond which typing is not announced: it would be noise
TYPING_LASTS = 6.0  # seconds that `typing` is shown; clients repeat it before that

LOGIN_DEADLINE = 60.0  # seconds from `hello` to `welcome`: time to type a password
IDLE_DEADLINE = 90.0  # seconds of silence before a session is closed: three pings
PING_INTERVAL = 30.0  # seconds between a client's pings
