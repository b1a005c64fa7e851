// The invitation in a link: https://HOST/#join-CODE. Browsers send no server what is behind the #.

const JOIN = /^#join-([\w-]{1,64})$/;

export const invitation = () => location.hash.match(JOIN)?.[1] ?? "";

// Let the link to the other page lead there with the invitation.
export function keepInvitation() {
  for (const link of document.querySelectorAll("header a")) link.hash = location.hash;
}
