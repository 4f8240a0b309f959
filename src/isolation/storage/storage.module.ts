import { Global, Module } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { LocalFolder } from './local-folder.js';
import { OBJECT_STORE, type ObjectStore } from './object-store.js';
import { StorageSweep } from './storage-sweep.js';
import { TenantStorage } from './tenant-storage.js';

@Global()
@Module({
  providers: [{ provide: OBJECT_STORE, inject: [CONFIGURATION], useFactory: openStore }, TenantStorage, StorageSweep],
  exports: [TenantStorage],
})
export class StorageModule {}

async function openStore(configuration: Configuration): Promise<ObjectStore> {
  const { STORAGE_S3_BUCKET: bucket, STORAGE_S3_ENDPOINT: endpoint, STORAGE_DIRECTORY: directory } = configuration;
  if (bucket === undefined) return LocalFolder.open(directory ?? '');
  const { S3Bucket } = await import('./s3-bucket.js'); // Amazon's SDK is loaded by who uses it
  return new S3Bucket(bucket, endpoint);
}
