import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { MODEL_OPTION, modelHelp } from '../model-option.js';
import { table } from '../text/table.js';

/** `denoise devices`: what can compute on this machine. */
export function addDevicesCommand(program: Command, { output }: CommandContext): void {
  program
    .command('devices')
    .description('what can run models on this machine')
    .option(MODEL_OPTION, modelHelp('champion, else the model that ships'))
    .option('--json', 'print one JSON document instead of a table')
    .action(async ({ json, model: asked }: { json?: boolean; model?: string }) => {
      output.configure({ json: json ?? false });
      const [{ deviceAbsent, knownDevices, resolveDevice }, { deviceWorks }, { Model }] = await Promise.all([
        import('../../engine/device.js'),
        import('../../engine/device-probe.js'),
        import('../../engine/model.js'),
      ]);
      // Also says where there is no such model.
      await (await Model.load(asked, { device: 'cpu' })).close();
      const auto = resolveDevice('auto').device;
      const devices = [];
      // A runtime that knows a device tells nothing of the hardware: only loading a model does.
      for (const device of knownDevices()) {
        const usable = device === 'cpu' || (await deviceWorks(device, asked));
        const hint = usable ? undefined : deviceAbsent(device).hint;
        devices.push({ device, usable, auto: device === auto, hint });
      }
      output.result({ devices });
      const rows = devices.map(({ device, usable, auto: chosen, hint }) => [
        chosen ? `${device} (auto)` : device,
        usable ? 'usable' : 'not usable',
        hint ?? '',
      ]);
      output.report(...table(['device', 'here', ''], rows));
    });
}
