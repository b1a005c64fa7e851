// The invitation in a link: https://HOST/#join-CODE, or #guest-CODE. Browsers send no server what
// is behind the #.

const INVITATION = /^#((?:join|guest)-[\w-]{1,50})$/;

export const invitation = () => location.hash.match(INVITATION)?.[1] ?? "";

// Let the link to the other page lead there with the invitation.
export function keepInvitation() {
  for (const link of document.querySelectorAll("header a")) link.hash = location.hash;
}
