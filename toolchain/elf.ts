import { open } from "node:fs/promises";

/** The type of the program header that names a dynamic loader. */
const interpreter = 3;

/** Whether a file is a 64-bit ELF executable that needs a dynamic loader, and so does not run alone in an image. */
export async function isDynamicElf(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(64);
    await file.read(header, 0, 64, 0);
    if (header.subarray(0, 4).toString("latin1") !== "\x7fELF" || header[4] !== 2) return false;
    const [offset, size, count] = [
      Number(header.readBigUInt64LE(32)),
      header.readUInt16LE(54),
      header.readUInt16LE(56),
    ];
    const programs = Buffer.alloc(size * count);
    await file.read(programs, 0, programs.length, offset);
    return Array.from({ length: count }, (_, index) => programs.readUInt32LE(index * size)).includes(
      interpreter,
    );
  } finally {
    await file.close();
  }
}
