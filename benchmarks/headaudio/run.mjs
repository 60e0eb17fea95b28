// Runs HeadAudio offline over raw speech, as a browser would run it live.
//
//   node run.mjs PACKAGE FOLDER RATE
//
// PACKAGE: folder of the npm package @met4citizen/headaudio. FOLDER: NAME.f32 files, raw
// little-endian float32 mono at RATE Hz; beside each, NAME.visemes is written: float32
// [ticks, 15], the viseme values after every animation tick, 60 a second.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packageFolder, folder, rateText] = process.argv.slice(2);
const RATE = Number(rateText);
const BLOCK = 128; // samples of a Web Audio render quantum
const TICKS_PER_S = 60;
// Thresholds of the usage example in its README.
const PARAMETERS = { vadGateActiveDb: -40, vadGateInactiveDb: -60 };

const load = (file) => import(pathToFileURL(join(packageFolder, "modules", file)).href);

// Stands in for the browser's node: messages arrive at once.
globalThis.AudioWorkletNode = class {
  constructor() {
    this.port = { postMessage: (message) => this.processor?._onmessage({ data: message }) };
    this.parameters = new Map();
  }
};

const { Processor } = await load("processor.mjs");
const { HeadAudio } = await load("headaudio.mjs");

// Version 0.1.0 tests `if (viseme)`, so viseme 0, "aa", is never shown. A baseline is to be as good
// as its method, so this takes it.
class HeadAudioWithAa extends HeadAudio {
  _onmessage(message) {
    if (message.data.event === "viseme" && message.data.viseme === 0) this.visemeActive = 0;
    else super._onmessage(message);
  }
}

const modelFile = readFileSync(join(packageFolder, "dist", "model-en-mixed.bin"));
const modelUrl = `data:application/octet-stream;base64,${modelFile.toString("base64")}`;

async function visemesOf(samples) {
  const node = new HeadAudioWithAa(null, {});
  const port = { postMessage: (message) => node.port.onmessage({ data: message }) };
  node.processor = new Processor({ sampleRate: RATE, parameterData: PARAMETERS }, { port });
  await node.loadModel(modelUrl);
  const values = new Map(node.visemeNames.map((name) => [name, 0]));
  node.onvalue = (name, value) => values.set(name, value);
  const ticks = Math.floor((samples.length / RATE) * TICKS_PER_S);
  const shown = new Float32Array(ticks * values.size);
  let heard = 0;
  for (let tick = 0; tick < ticks; tick++) {
    for (; heard + BLOCK <= (tick / TICKS_PER_S) * RATE; heard += BLOCK) {
      node.processor.process(samples.subarray(heard, heard + BLOCK));
    }
    node.update(1000 / TICKS_PER_S);
    shown.set([...values.values()], tick * values.size);
  }
  return shown;
}

for (const file of readdirSync(folder).filter((name) => name.endsWith(".f32"))) {
  const bytes = readFileSync(join(folder, file));
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  writeFileSync(join(folder, file.replace(/f32$/, "visemes")), await visemesOf(samples));
}
