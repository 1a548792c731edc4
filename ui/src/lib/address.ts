// The address of a server as somebody types it.

/** With a scheme, without a slash at the end: `desk.example.com/` is `https://desk.example.com`. */
export function addressOf(typed: string): string {
  const address = typed.trim().replace(/\/+$/, "");
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(address)) return address;
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(address)
    ? `http://${address}`
    : `https://${address}`;
}
