import { describe, expect, test } from "vitest";
import { settle, startDesk } from "@/testing/desk";

const photo = (name = "bike.jpg") => new File([new Uint8Array(900)], name, { type: "image/jpeg" });

async function ready(parameters: Record<string, string> = {}) {
  const started = await startDesk(parameters);
  started.desk.openConversation(started.idOf("sam-carter"));
  await settle();
  const open = started.desk.open;
  if (open === null) throw new Error("Sam's thread is open");
  return { ...started, composer: open.composer, thread: open.thread };
}

const names = (files: readonly { name: string | null }[]) => files.map(({ name }) => name);

describe("attaching", () => {
  test("keeps files with the draft, also when another conversation is opened meanwhile", async () => {
    const { desk, idOf, composer } = await ready();

    await composer.attach([photo(), new File(["words"], "notes.txt", { type: "text/plain" })]);
    expect(names(composer.attachments)).toEqual(["bike.jpg", "notes.txt"]);
    expect(composer.canSend).toBe(true);

    desk.openConversation(idOf("marcus-bell"));
    await settle();
    expect(desk.open?.composer.attachments).toEqual([]);
    desk.openConversation(idOf("sam-carter"));
    await settle();
    expect(names(desk.open?.composer.attachments ?? [])).toEqual(["bike.jpg", "notes.txt"]);
  });

  test("says at once what cannot be sent, and keeps what can", async () => {
    const { composer } = await ready();

    await composer.attach([
      new File(["PK"], "all.zip", { type: "application/zip" }),
      photo(),
      new File([new Uint8Array(6 * 1024 * 1024)], "film.mp4", { type: "video/mp4" }),
    ]);

    expect(composer.failure?.sentence).toContain("Twilio takes no files of the type application/zip");
    expect(names(composer.attachments)).toEqual(["bike.jpg"]);
    expect(composer.attaching).toBe(0);
  });

  test("files leave with their text, in one bubble, and the draft is empty at once", async () => {
    const { composer, thread } = await ready();
    await composer.attach([photo()]);

    const sending = composer.send();
    expect(composer.attachments).toEqual([]);
    expect(composer.canSend).toBe(false);
    await sending;
    await settle();

    const newest = thread.messages.at(-1);
    expect(newest?.content).toBe("");
    expect(names(newest?.media ?? [])).toEqual(["bike.jpg"]);
    expect(composer.attachments).toEqual([]);
  });

  test("a text that is taken back brings its files along", async () => {
    const { composer, thread } = await ready({ state: "offline" });
    await composer.attach([photo()]);
    composer.write("Look");
    const sent = await composer.send();
    await settle();

    await composer.takeBack(sent?.id ?? "");

    expect(composer.text).toBe("Look");
    expect(names(composer.attachments)).toEqual(["bike.jpg"]);
    expect(thread.messages.some(({ id }) => id === sent?.id)).toBe(false);
  });

  test("a file that is taken away is gone at once, and comes back when that fails", async () => {
    const { composer, fake } = await ready();
    await composer.attach([photo("one.jpg"), photo("two.jpg")]);
    const [one, two] = composer.attachments;

    await composer.detach(one?.id ?? "");
    expect(names(composer.attachments)).toEqual(["two.jpg"]);

    fake.detach = () => Promise.reject(new Error("no"));
    await composer.detach(two?.id ?? "");
    expect(names(composer.attachments)).toEqual(["two.jpg"]);
    expect(composer.failure).not.toBeNull();
  });

  test("the picture on the clipboard is attached, and no picture is no failure", async () => {
    const { composer, fake } = await ready();

    await composer.attachClipboard();
    expect([composer.attachments.length, composer.failure]).toEqual([0, null]);

    fake.clipboard = new Blob([new Uint8Array(10)], { type: "image/png" });
    await composer.attachClipboard();
    expect(names(composer.attachments)).toEqual(["Pasted picture.png"]);
  });
});

describe("a draft that is edited at another desktop", () => {
  test("shows what was attached there before it is here, and a text takes it along", async () => {
    const { composer, fake, thread } = await ready();
    await composer.attach([photo()]);

    fake.attachElsewhere("sam-carter", "front wheel.jpg");
    await settle();
    expect(composer.attachments.map(({ name, isHere }) => [name, isHere])).toEqual([
      ["bike.jpg", true],
      ["front wheel.jpg", false],
    ]);
    expect(composer.canSend).toBe(true);

    await composer.send();
    await settle();
    expect(names(thread.messages.at(-1)?.media ?? [])).toEqual(["bike.jpg", "front wheel.jpg"]);
    expect(composer.attachments).toEqual([]);
  });

  test("shows a picture once its content has arrived, and no file that was taken away there", async () => {
    const { composer, fake } = await ready();
    fake.attachElsewhere("sam-carter", "front wheel.jpg");
    await settle();

    fake.arriveFromElsewhere("sam-carter");
    await settle();
    expect(composer.attachments.map(({ isHere }) => isHere)).toEqual([true]);
    expect(composer.attachmentUrl(composer.attachments[0]?.id ?? "")).not.toBe("");

    fake.detachElsewhere("sam-carter");
    await settle();
    expect(composer.attachments).toEqual([]);
    expect(composer.canSend).toBe(false);
  });
});

describe("pictures", () => {
  async function priya() {
    const started = await startDesk();
    started.desk.openConversation(started.idOf("priya-raman"));
    await settle();
    const message = started.desk.open?.thread.messages.find(({ media }) => media.length > 0);
    if (!message) throw new Error("Priya sent a photo");
    return { ...started, id: message.id, pictures: started.desk.pictures };
  }

  test("are asked for once", async () => {
    const { fake, pictures, id } = await priya();
    let asked = 0;
    const load = fake.loadPicture.bind(fake);
    fake.loadPicture = (...given) => {
      asked += 1;
      return load(...given);
    };

    expect(pictures.of(id, 0).phase).toBe("loading");
    await Promise.all([pictures.load(id, 0), pictures.load(id, 0)]);
    await pictures.load(id, 0);

    expect(pictures.of(id, 0).phase).toBe("here");
    expect(asked).toBe(1);
  });

  test("that cannot be fetched say why, and are asked for again once the server can be reached", async () => {
    const { fake, pictures, id } = await priya();
    fake.setConnection({ state: "offline", since: new Date(0).toISOString(), reason: "gone", waiting: 0 });

    await pictures.load(id, 0);
    const failed = pictures.of(id, 0);
    expect(failed.phase === "failed" && failed.failure.sentence).toContain("cannot be reached");

    await pictures.load(id, 0);
    expect(pictures.of(id, 0).phase).toBe("failed");
    fake.setConnection({ state: "live" });
    await settle();
    expect(pictures.of(id, 0).phase).toBe("loading");
    await pictures.load(id, 0);
    expect(pictures.of(id, 0).phase).toBe("here");
  });

  test("and files are saved, and say where", async () => {
    const { pictures, id } = await priya();

    await pictures.save(id, 0);
    expect(pictures.savedAs(id, 0)).toEqual({ where: "/home/nora/Downloads/deskline-1" });
    await pictures.save("nothing", 0);
    expect(pictures.savedAs("nothing", 0)).toHaveProperty("failure");
  });
});
