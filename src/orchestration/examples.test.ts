import { testExamples } from "../../tests/builtin-examples.ts";
import { orchestrationBuiltins } from "./index.ts";

testExamples(orchestrationBuiltins);
