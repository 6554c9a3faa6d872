"""Reads a TensorBoard event file with nothing but `struct`, and prints its events as JSON.

Written from the TFRecord and protobuf wire formats, sharing no code with the writer; every CRC is checked bit by bit.
"""
import json
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def fields(data):
    at = 0

    def varint():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        wire = key & 7
        if wire == 0:
            value = varint()
        else:
            size = {1: 8, 5: 4}.get(wire) or varint()
            value = data[at : at + size]
            assert len(value) == size
            at += size
        yield key >> 3, value


def event(data):
    out = {"scalars": {}}
    for field, value in fields(data):
        if field == 1:
            out["wallTime"] = struct.unpack("<d", value)[0]
        elif field == 2:
            out["step"] = value
        elif field == 3:
            out["fileVersion"] = value.decode()
        elif field == 7:
            out["session"] = dict(fields(value))[1]
        elif field == 5:
            for _, entry in fields(value):
                parts = dict(fields(entry))
                number = struct.unpack("<f", parts[2])[0]
                out["scalars"][parts[1].decode()] = number if number == number else "NaN"
        else:
            raise SystemExit(f"unknown field {field}")
    return out


raw = open(sys.argv[1], "rb").read()
at, events = 0, []
while at < len(raw):
    (length,) = struct.unpack_from("<Q", raw, at)
    assert struct.unpack_from("<I", raw, at + 8)[0] == masked(raw[at : at + 8]), "length CRC"
    body = raw[at + 12 : at + 12 + length]
    assert struct.unpack_from("<I", raw, at + 12 + length)[0] == masked(body), "data CRC"
    events.append(event(body))
    at += 16 + length
print(json.dumps(events))
