/** `std/agents`: workflows, action graphs and workers from a program's point of view. */
import { actionGraphText } from "./action-graph.ts";
import { resultsText } from "./results.ts";
import { stagesText } from "./stages.ts";

export const agentsModule = `
import "std/collections"
import "std/context"
import "std/json"
${stagesText}${actionGraphText}${resultsText}`;
