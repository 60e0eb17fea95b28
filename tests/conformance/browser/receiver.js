// An avatar that three-vrm shows, moved by VMC datagrams or by a .vrma file.
// Text from the socket is {load: url}, {drive: "normalised" | "raw"}, {play: url, ...} or {shoot: true};
// binary is a datagram. Every command but `drive`, and every frame, is answered by a text.
import * as THREE from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { VRMLoaderPlugin, VRMUtils } from '@pixiv/three-vrm';
import {
  createVRMAnimationClip, VRMAnimationLoaderPlugin, VRMLookAtQuaternionProxy,
} from '@pixiv/three-vrm-animation';

const WIDTH = 480, HEIGHT = 640;
const PRESETS = { a: 'aa', i: 'ih', u: 'ou', e: 'ee', o: 'oh', blink_l: 'blinkLeft', blink_r: 'blinkRight' };

const loader = new GLTFLoader();
loader.register((parser) => new VRMLoaderPlugin(parser));
loader.register((parser) => new VRMAnimationLoaderPlugin(parser));
const renderer = new THREE.WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
renderer.setSize(WIDTH, HEIGHT);
const camera = new THREE.PerspectiveCamera(30, WIDTH / HEIGHT, 0.1, 20);
camera.position.set(0, 1.2, 5.5);
camera.lookAt(0, 1.2, 0);

let scene, vrm, rest, isRaw;

async function load(url) {
  vrm = (await loader.loadAsync(url)).userData.vrm;
  VRMUtils.rotateVRM0(vrm); // to face the camera
  scene = new THREE.Scene();
  scene.background = new THREE.Color('white');
  scene.add(new THREE.HemisphereLight(0xffffff, 0x8890a0, 3), vrm.scene);
  scene.updateMatrixWorld(true);
  rest = Object.fromEntries(bones().map(([name, node]) => [name, turnOf(node).invert()]));
  return { version: vrm.meta.metaVersion };
}

const bones = () => Object.keys(vrm.humanoid.humanBones).map((name) => [name, vrm.humanoid.getRawBoneNode(name)]);
const turnOf = (node) => node.getWorldQuaternion(new THREE.Quaternion());

// Unity mirrors files of VRM 0.x along z and of VRM 1.0 along x.
const isVrm0 = () => vrm.meta.metaVersion === '0';
const placeOf = ([x, y, z]) => (isVrm0() ? [x, y, -z] : [-x, y, z]);
const rotationOf = ([x, y, z, w]) => (isVrm0() ? [-x, -y, z, w] : [x, -y, -z, w]);

// Unity and VRM 0.x count the thumb from the knuckle, VRM 1.0 and three-vrm from the wrist.
function boneOf(unity) {
  const name = unity[0].toLowerCase() + unity.slice(1);
  return name.replace('ThumbProximal', 'ThumbMetacarpal').replace('ThumbIntermediate', 'ThumbProximal');
}

function take({ address, args }) {
  if (address === '/VMC/Ext/Bone/Pos') {
    const name = boneOf(args[0]);
    const node = isRaw ? vrm.humanoid.getRawBoneNode(name) : vrm.humanoid.getNormalizedBoneNode(name);
    if (isRaw || name === 'hips') node.position.set(...placeOf(args.slice(1, 4)));
    node.quaternion.set(...rotationOf(args.slice(4)));
  } else if (address === '/VMC/Ext/Blend/Val') {
    vrm.expressionManager.setValue(PRESETS[args[0].toLowerCase()] ?? args[0], args[1]);
  } else if (address === '/VMC/Ext/Blend/Apply') {
    tell(show());
  }
}

function show() {
  vrm.humanoid.autoUpdateHumanBones = !isRaw;
  vrm.update(0);
  scene.updateMatrixWorld(true);
  const shown = {};
  for (const [name, node] of bones()) {
    const front = new THREE.Vector3(0, 0, 1).applyQuaternion(turnOf(node).multiply(rest[name]));
    shown[name] = [...node.getWorldPosition(new THREE.Vector3()), ...front];
  }
  const face = vrm.scene.getObjectByName('Face');
  const weights = Object.entries(face.morphTargetDictionary)
    .map(([name, index]) => [name, face.morphTargetInfluences[index]]);
  return { bones: shown, face: Object.fromEntries(weights) };
}

async function play(url, times, index) {
  isRaw = false;
  const animation = (await loader.loadAsync(url)).userData.vrmAnimations[index];
  const proxy = new VRMLookAtQuaternionProxy(vrm.lookAt);
  proxy.name = 'proxy';
  vrm.scene.add(proxy);
  const mixer = new THREE.AnimationMixer(vrm.scene);
  mixer.clipAction(createVRMAnimationClip(animation, vrm)).play();
  return times.map((time) => { mixer.setTime(time); return show(); });
}

function shoot() {
  renderer.render(scene, camera);
  return { picture: renderer.domElement.toDataURL('image/png') };
}

async function obey(order) {
  if (order.load) return tell(await load(order.load));
  if (order.play) return tell(await play(order.play, order.times, order.animation));
  if (order.shoot) return tell(shoot());
  isRaw = order.drive === 'raw';
}

socket.binaryType = 'arraybuffer';
socket.onmessage = ({ data }) => {
  if (typeof data === 'string') return obey(JSON.parse(data));
  osc.readPacket(new Uint8Array(data), {}).packets.forEach(take);
};
tell({ ready: THREE.REVISION });
