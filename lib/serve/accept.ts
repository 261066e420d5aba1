/** True where a client that sends this `Accept` takes this media type (RFC 9110, 12.5.1); no header takes everything. */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === '') return true;
  const [main = '', sub = ''] = (type.split(';')[0] ?? '').split('/');
  return header.split(',').some((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !isRefused && (name === '*/*' || name === `${main}/*` || name === `${main}/${sub}`);
  });
}
