/** What names an object in the store: two UUIDs. Nothing that a user has said, and nothing of the content. */
export interface ObjectKey {
  readonly tenantId: string;
  readonly objectId: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * `<tenant>/<object>`, as path and as key.
 * @throws TypeError for anything but two UUIDs, so that no dot, slash or NUL ever reaches a path
 */
export function objectPath({ tenantId, objectId }: ObjectKey): string {
  if (!uuid.test(tenantId) || !uuid.test(objectId)) throw new TypeError('A storage key is two UUIDs.');
  return `${tenantId}/${objectId}`;
}
