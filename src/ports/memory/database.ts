/** A database door with trouble on demand around a real one: `database.open`, `database.begin` and `database.commit` can be made to fail. */
import { DatabaseFailure, type DatabasePort } from "../database.ts";
import type { Faults } from "./faults.ts";

/** `real` null: nothing can be opened, for tests that must not store anything. */
export function createFaultyDatabase(real: DatabasePort | null, faults: Faults): DatabasePort {
  return {
    open(path, options) {
      faults.check("database.open", path);
      if (real === null)
        throw new DatabaseFailure(path, "cannot_open", "these in-memory doors were made without a database");
      const database = real.open(path, options);
      return {
        ...database,
        transaction(mode, body) {
          faults.check("database.begin", path);
          return database.transaction(mode, () => {
            const result = body();
            // Thrown inside, so that the real one rolls back as it would for a full disk.
            if (mode === "write") faults.check("database.commit", path);
            return result;
          });
        },
      };
    },
  };
}
