// Lets Prisma's schema engine (WebAssembly, from npm) migrate through the pg driver, so that nothing
// is downloaded. @prisma/adapter-pg 7.10 on its own is not fit for that; each fix says what it mends.
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';

const charType = 18; // pg_catalog."char", which the engine's catalog queries read and the adapter rejects
const textType = 25;

interface DriverResult {
  readonly fields: { dataTypeID: number }[];
}
type Adapter = SqlDriverAdapter & { performIO(query: unknown): Promise<DriverResult>; onError(error: unknown): never };

/** @param pool of one connection: the engine's statements must follow each other on it */
export function migrationAdapter(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => fitForMigrations(await new PrismaPg(pool).connect(), pool),
    // Comparing schema.prisma with a live database needs none; the stock one can open the real database instead.
    connectToShadowDb: () => Promise.reject(new Error('Shadow databases are not used.')),
  };
}

function fitForMigrations(stock: SqlDriverAdapter, pool: pg.Pool): SqlDriverAdapter {
  const adapter = stock as Adapter;
  const performIO = adapter.performIO.bind(adapter);
  const queryRaw = adapter.queryRaw.bind(adapter);
  return Object.assign(adapter, {
    /** Reads "char" columns as text and tells the engine they are characters. The engine runs one query at a time. */
    queryRaw: async (query: Parameters<SqlDriverAdapter['queryRaw']>[0]) => {
      let charColumns: number[] = [];
      adapter.performIO = async (request) => {
        const result = await performIO(request);
        charColumns = result.fields.flatMap(({ dataTypeID }, index) => (dataTypeID === charType ? [index] : []));
        for (const field of result.fields) if (field.dataTypeID === charType) field.dataTypeID = textType;
        return result;
      };
      const result = await queryRaw(query);
      for (const index of charColumns) result.columnTypes[index] = ColumnTypeEnum.Character;
      return result;
    },
    /** The stock one splits scripts at every ";", which breaks function bodies. */
    executeScript: async (script: string) => {
      await pool.query(script).catch((error: unknown) => adapter.onError(error));
    },
  });
}
