"""Golden figures for the graph builder: losses and gradients of two small networks in PyTorch.

    python3 scripts/golden/graph.py > test/graph/torch.golden.json

Needs PyTorch (Debian: python3-torch). Nothing that ships or is tested needs Python: the figures are in the repository.
Weights and inputs are made by formula, the same here and in test/graph/torch-golden.test.ts: element `i` of the array
number `k` is 0.4·sin(1.7·i + k) + 0.1·cos(0.3·i·i).
"""

import json

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def formula(shape, k):
    i = torch.arange(torch.Size(shape).numel(), dtype=torch.float64)
    return (0.4 * torch.sin(1.7 * i + k) + 0.1 * torch.cos(0.3 * i * i)).reshape(shape)


class Waveform(nn.Module):
    """Convolution with GLU, LSTM, transposed convolution, skip: the shape of a waveform U-Net with an LSTM."""

    def __init__(self):
        super().__init__()
        self.encode = nn.Conv1d(1, 4, 4, 2)
        self.encode_gate = nn.Conv1d(4, 8, 1)
        self.lstm = nn.LSTM(4, 4)
        self.norm = nn.LayerNorm(4)
        self.decode_gate = nn.Conv1d(4, 8, 1)
        self.decode = nn.ConvTranspose1d(4, 1, 4, 2)

    def forward(self, x):
        skip = F.glu(self.encode_gate(F.relu(self.encode(x))), 1)
        y, _ = self.lstm(skip.permute(2, 0, 1))
        y = self.norm(y).permute(1, 2, 0)
        return self.decode(F.glu(self.decode_gate(y + skip), 1))


class Features(nn.Module):
    """Dilated and grouped convolutions, PReLU, batch normalisation, SiLU, GELU, softplus."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(2, 4, 3, dilation=2)
        self.slope = nn.PReLU(4)
        self.norm = nn.BatchNorm1d(4)
        self.second = nn.Conv1d(4, 4, 3, groups=2, padding=1)
        self.out = nn.Linear(4, 3)

    def forward(self, x):
        y = self.norm(self.slope(self.first(x)))
        y = F.silu(self.second(y)).permute(0, 2, 1)
        return F.softplus(F.gelu(self.out(y)))


def golden(net, x, target, loss_of, rate, weight_decay):
    with torch.no_grad():
        for k, p in enumerate(net.parameters()):
            p.copy_(formula(p.shape, k + 1))
        for name, p in net.named_parameters():
            if name == "lstm.bias_hh_l0":
                p.zero_()
                # One bias is kept where PyTorch has two, which would move it twice as fast.
                p.requires_grad_(False)
    optimiser = torch.optim.AdamW(
        [p for p in net.parameters() if p.requires_grad], lr=rate, weight_decay=weight_decay
    )
    figures = {"losses": [], "gradientNorms": []}
    for step in range(20):
        optimiser.zero_grad()
        output = net(x)
        loss = loss_of(output, target)
        loss.backward()
        if step == 0:
            figures["output"] = output.flatten().tolist()
            figures["gradients"] = {
                name: p.grad.flatten().tolist() for name, p in net.named_parameters() if p.grad is not None
            }
        norm = nn.utils.clip_grad_norm_([p for p in net.parameters() if p.requires_grad], 0.05)
        optimiser.step()
        figures["losses"].append(loss.item())
        figures["gradientNorms"].append(norm.item())
    return figures


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return {key: rounded(v) for key, v in value.items()}


if __name__ == "__main__":
    print(
        json.dumps(
            rounded(
                {
                    "waveform": golden(
                        Waveform(), formula([2, 1, 14], 50), formula([2, 1, 14], 51), F.l1_loss, 1e-2, 0.0
                    ),
                    "features": golden(
                        Features(), formula([3, 2, 9], 52), formula([3, 5, 3], 53), F.mse_loss, 1e-2, 0.1
                    ),
                }
            )
        )
    )
