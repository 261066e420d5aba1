/**
 * How another machine may be called for ssh: `box`, `me@box.example`, an alias of `~/.ssh/config`. Nothing goes through a
 * shell here, but ssh gives the name to commands of its configuration (`ProxyCommand`, `Match exec`), which do: so it may
 * hold nothing that means something there, nor look like an option.
 */
export const sshHostPattern = '^([A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}@)?[A-Za-z0-9_][A-Za-z0-9_.:%-]{0,252}$';
