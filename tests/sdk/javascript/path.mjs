// The whole path through the emulator by Azure's JavaScript SDK, told line by line on stdout.
//
// Reads ACR_EMULATOR_URL. Node.js trusts the emulator by NODE_EXTRA_CA_CERTS.
import { gzipSync } from "node:zlib";

import { ContainerRegistryManagementClient } from "@azure/arm-containerregistry";
import { BlobClient, BlockBlobClient } from "@azure/storage-blob";

const SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";
const HERE = ["myresourcegroup", "myregistry"];
const QUICKLY = { updateIntervalInMs: 50 };
const LINUX = { os: "Linux", architecture: "amd64" };
const FINAL = ["Succeeded", "Failed", "Canceled", "Error", "Timeout"];

const credential = {
  getToken: async () => ({ token: "eyJ0ZXN0Ijp0cnVlfQ", expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const client = new ContainerRegistryManagementClient(credential, SUBSCRIPTION, { endpoint: process.env.ACR_EMULATOR_URL });

async function namesOf(pages) {
  const names = [];
  for await (const item of pages) names.push(item.name);
  return names;
}

/** An archive of one file: a tar header, the content padded to 512 bytes, and two blocks of zeros. */
function archiveOf(name, text) {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${text.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\0" + "00", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const content = Buffer.alloc(Math.ceil(text.length / 512) * 512);
  content.write(text);
  return gzipSync(Buffer.concat([header, content, Buffer.alloc(1024)]));
}

async function finished(runId) {
  for (;;) {
    const run = await client.runs.get(...HERE, runId);
    if (FINAL.includes(run.status)) return run;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

async function logOf(runId) {
  const { logLink } = await client.runs.getLogSasUrl(...HERE, runId);
  const content = await new BlobClient(logLink).downloadToBuffer();
  return content.toString();
}

async function pools() {
  const wanted = { location: "westus2", count: 1, tier: "S1", os: "Linux" };
  const made = await client.agentPools.beginCreateAndWait(...HERE, "mypool", wanted, QUICKLY);
  console.log("pool", made.name, made.provisioningState, made.count);
  const scaled = await client.agentPools.beginUpdateAndWait(...HERE, "mypool", { count: 2 }, QUICKLY);
  console.log("pool", scaled.name, scaled.provisioningState, scaled.count);
  console.log("pools", ...(await namesOf(client.agentPools.list(...HERE))));
  const queue = await client.agentPools.getQueueStatus(...HERE, "mypool");
  console.log("waiting", queue.count);
}

async function build() {
  const { uploadUrl, relativePath } = await client.registries.getBuildSourceUploadUrl(...HERE);
  await new BlockBlobClient(uploadUrl).uploadData(archiveOf("Dockerfile", "FROM scratch\n"));
  const queued = await client.registries.beginScheduleRunAndWait(
    ...HERE,
    {
      type: "DockerBuildRequest",
      imageNames: ["app:v1"],
      isPushEnabled: true,
      sourceLocation: relativePath,
      dockerFilePath: "Dockerfile",
      platform: LINUX,
      agentPoolName: "mypool",
    },
    QUICKLY,
  );
  console.log("queued", queued.runId, queued.status);
  const run = await finished(queued.runId);
  console.log("run", run.runId, run.status, run.agentPoolName, ...run.outputImages.map((one) => `${one.repository}:${one.tag}`));
  const log = await logOf(run.runId);
  console.log("log", log.includes("Successfully tagged myregistry.azurecr.io/app:v1"));
  console.log("runs", ...(await namesOf(client.runs.list(...HERE))));
}

const TASK_FILE = Buffer.from("steps:\n  - cmd: bash echo hello {{.Values.who}}\n").toString("base64");

async function tasks() {
  const task = {
    location: "westus2",
    platform: LINUX,
    step: { type: "EncodedTask", encodedTaskContent: TASK_FILE, values: [{ name: "who", value: "you" }] },
  };
  const made = await client.tasks.beginCreateAndWait(...HERE, "mytask", task, QUICKLY);
  console.log("task", made.name, made.provisioningState, made.status);
  const changed = await client.tasks.beginUpdateAndWait(...HERE, "mytask", { status: "Disabled" }, QUICKLY);
  console.log("task", changed.name, changed.status);
  await client.tasks.beginUpdateAndWait(...HERE, "mytask", { status: "Enabled" }, QUICKLY);
  const request = {
    type: "TaskRunRequest",
    taskId: made.id,
    overrideTaskStepProperties: { values: [{ name: "who", value: "all" }] },
  };
  const queued = await client.registries.beginScheduleRunAndWait(...HERE, request, QUICKLY);
  const run = await finished(queued.runId);
  console.log("run", run.runId, run.status, run.task);
  console.log("log", (await logOf(run.runId)).includes("hello all"));
  await client.tasks.beginDeleteAndWait(...HERE, "mytask", QUICKLY);
  console.log("tasks", ...(await namesOf(client.tasks.list(...HERE))));
}

async function taskRuns() {
  const runRequest = { type: "EncodedTaskRunRequest", encodedTaskContent: TASK_FILE, platform: LINUX };
  const made = await client.taskRuns.beginCreateAndWait(...HERE, "myrun", { runRequest, forceUpdateTag: "1" }, QUICKLY);
  console.log("task run", made.name, made.provisioningState);
  const first = await finished(made.runResult.runId);
  const again = await client.taskRuns.beginUpdateAndWait(...HERE, "myrun", { forceUpdateTag: "2" }, QUICKLY);
  console.log("task run", again.name, again.forceUpdateTag, again.runResult.runId !== first.runId);
  await finished(again.runResult.runId);
  const shown = await client.taskRuns.get(...HERE, "myrun");
  console.log("task run", shown.name, shown.runResult.status);
  await client.taskRuns.beginDeleteAndWait(...HERE, "myrun", QUICKLY);
  console.log("task runs", ...(await namesOf(client.taskRuns.list(...HERE))));
}

await pools();
await build();
await tasks();
await taskRuns();
await client.agentPools.beginDeleteAndWait(...HERE, "mypool", QUICKLY);
console.log("pools", ...(await namesOf(client.agentPools.list(...HERE))));
