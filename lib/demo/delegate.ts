import { notes } from './cast.ts';
import type { Crew } from './crew.ts';
import { openStep, type Script, type Stage, write } from './scenes.ts';

/**
 * Hands a job to a subagent that asks whether it may edit a file: the permission comes after `waitMs`.
 * The parent's row says only that its `task` tool runs; the missing metadata is on the child's part.
 */
export function* delegate(stage: Stage, crew: Crew, waitMs: number): Script {
  const { session, job, random } = stage;
  const description = 'cover the edge cases';
  const agent = 'general';
  session.callTool('task');
  yield random.between(800, 2000);
  const input = { description, prompt: `Please ${description} of ${job.files[0]}`, subagent_type: agent };
  session.runTool(input);
  yield 4;
  const child = crew.startSubagent(session, agent, `${description} (@${agent} subagent)`);
  const { modelID, providerID } = session.start.model;
  const metadata = { parentSessionId: session.id, sessionId: child.id, model: { modelID, providerID } };
  session.showMetadata(description, metadata);
  yield 6;
  yield* subagentTurn({ session: child, job, random }, waitMs);
  crew.left(child);
  session.endTool(`task_id: ${child.id}\n\nDone.`, description, metadata);
  yield 10;
}

function* subagentTurn(stage: Stage, waitMs: number): Script {
  const { session, job, random } = stage;
  const file = `${job.directory}/${random.pick(job.files)}`;
  session.prompt('Please cover the edge cases.');
  yield 15;
  yield* openStep(stage);
  yield* write(stage, random.pick(notes), 2000);
  session.callTool('edit');
  yield random.between(900, 2500);
  session.runTool({ filePath: file, oldString: 'before', newString: 'after' });
  yield random.between(5, 60);
  session.ask('edit', [file]);
  yield waitMs;
  session.endTool('Edit applied successfully.', file);
  yield 10;
  session.endStep('tool-calls');
  yield 20;
  yield* openStep(stage);
  yield* write(stage, 'All edge cases are covered now.', 3000);
  session.endStep('stop');
  yield 10;
}
