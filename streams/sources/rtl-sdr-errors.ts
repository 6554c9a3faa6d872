import { DeviceError } from '../../src/errors.js';

const UDEV =
  'Install the udev rules of the package rtl-sdr (SUBSYSTEM=="usb", ATTRS{idVendor}=="0bda", ATTRS{idProduct}=="2838", GROUP="plugdev", MODE="0660"), join the group with: sudo usermod -aG plugdev $USER, log in again, and replug the dongle.';
const BUSY =
  'End the other program; if none runs, the kernel took it for television: sudo modprobe -r dvb_usb_rtl28xxu, and blacklist that module.';
const ABSENT =
  'Plug it in, and see whether lsusb lists a Realtek RTL2838; in a container, pass /dev/bus/usb through.';

/** Numbers of libusb, which librtlsdr hands on: code, why, what to do. */
const KNOWN: Readonly<Record<number, readonly [string, string, string]>> = {
  [-1]: ['E_NO_DEVICE', 'it does not answer', ABSENT],
  [-3]: ['E_PERMISSION', 'permission denied', UDEV],
  [-4]: ['E_NO_DEVICE', 'it is not there any more', ABSENT],
  [-5]: ['E_NO_DEVICE', 'it is not there any more', ABSENT],
  [-6]: ['E_DEVICE_BUSY', 'another program or driver uses it', BUSY],
  [-7]: ['E_NO_DEVICE', 'it does not answer in time', 'Replug it, and try another USB socket or cable.'],
};

/** Why a dongle could not be opened or read, from the number librtlsdr gave. */
export function rtlSdrError(doing: string, result: number): DeviceError {
  const [code, why, hint] = KNOWN[result] ?? [
    'E_RTL_SDR',
    `librtlsdr gave error ${result}`,
    'Replug the dongle.',
  ];
  return new DeviceError(code, `${doing}: ${why}.`, { hint });
}

/** There is no dongle, or none of that serial number. */
export function noRtlSdr(serial: string | undefined, present: readonly string[]): DeviceError {
  if (present.length === 0)
    return new DeviceError('E_NO_DEVICE', 'No RTL-SDR is plugged in.', { hint: ABSENT });
  return new DeviceError('E_NO_DEVICE', `No RTL-SDR has the serial number ${serial}.`, {
    hint: `Those that are plugged in: ${present.join(', ')}.`,
  });
}
