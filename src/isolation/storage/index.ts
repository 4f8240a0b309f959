// STORAGE: tenants' files, outside the database.
// Without it: a path made of a name, or a content found by its hash, is another tenant's file.
// Guarantee: an object's key is the context's tenant and a random UUID, made here only; the object says
// under a MAC which key it belongs to; no object is shared, and none is left that no row has.
// Proof: test/isolation/storage
export { storageEntries, type StorageEntry } from './storage-entries.js';
export { StorageModule } from './storage.module.js';
export { TenantStorage, type StoredObject } from './tenant-storage.js';
