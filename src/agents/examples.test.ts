import { testExamples } from "../../tests/builtin-examples.ts";
import { agentBuiltins } from "./index.ts";

testExamples(agentBuiltins);
