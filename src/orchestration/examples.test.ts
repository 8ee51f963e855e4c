import { testExamples } from "../../tests/builtin-examples.ts";
import { workerBuiltins } from "./worker-builtins.ts";

testExamples(workerBuiltins);
