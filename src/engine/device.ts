import '../threads/no-telemetry.js';
import { listSupportedBackends } from 'onnxruntime-node';
import { DeviceError, UsageError } from '../errors.js';

/** What computes. `auto` is the fastest that was measured for streaming: see {@link resolveDevice}. */
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
export type Device = (typeof DEVICES)[number];
export type ChosenDevice = Exclude<Device, 'auto'>;

/** Execution provider of onnxruntime for each device. */
const PROVIDERS: Readonly<Record<ChosenDevice, string>> = {
  cpu: 'cpu',
  webgpu: 'webgpu',
  cuda: 'cuda',
  coreml: 'coreml',
  dml: 'dml',
};

const HINTS: Readonly<Record<ChosenDevice, string>> = {
  cpu: 'Reinstall with npm ci.',
  webgpu: 'It needs a Vulkan, Metal or Direct3D 12 driver; --device cpu always works.',
  cuda: 'It needs an NVIDIA GPU, CUDA 12 and the CUDA runtime of onnxruntime; --device cpu always works.',
  coreml: 'It needs macOS; --device cpu always works.',
  dml: 'It needs Windows; --device cpu always works.',
};

/** @throws UsageError `E_DEVICE_NAME` */
export function parseDevice(name: string): Device {
  const device = DEVICES.find((known) => known === name.toLowerCase());
  if (device !== undefined) return device;
  throw new UsageError('E_DEVICE_NAME', `There is no device "${name}".`, {
    hint: `Choose one of: ${DEVICES.join(', ')}.`,
  });
}

/** Devices that this build of the runtime knows; whether the hardware is there shows when a model is loaded. */
export function knownDevices(): ChosenDevice[] {
  const bundled = new Set(listSupportedBackends().map(({ name }) => name));
  return DEVICES.filter(
    (device): device is ChosenDevice => device !== 'auto' && bundled.has(PROVIDERS[device]),
  );
}

/**
 * The device to load on. `auto` is the CPU: a hop of the largest shipped model takes under 1 ms there, less than the
 * round trip to a GPU. @throws DeviceError `E_DEVICE_ABSENT` when this build of the runtime has no such device
 */
export function resolveDevice(device: Device): { device: ChosenDevice; provider: string } {
  const chosen = device === 'auto' ? 'cpu' : device;
  if (!knownDevices().includes(chosen)) throw deviceAbsent(chosen);
  return { device: chosen, provider: PROVIDERS[chosen] };
}

/** The error `E_DEVICE_ABSENT`, with what the device needs as its hint. */
export function deviceAbsent(device: ChosenDevice, cause?: unknown): DeviceError {
  return new DeviceError('E_DEVICE_ABSENT', `The device "${device}" cannot be used on this machine.`, {
    hint: HINTS[device],
    cause,
  });
}
