import { describe, expect, test, vi } from "vitest";
import { CommandError } from "@/backend/errors";
import { NOW, settle, startDesk } from "@/testing/desk";

const HOUR = 3_600_000;

describe("settings", () => {
  test("are loaded with the desk and hold at once", async () => {
    const { desk, fake } = await startDesk();
    expect(desk.settings.notifications.content).toBe("nameAndText");

    await desk.settings.setNotifications({ content: "nothing", mineOnly: true });

    expect(await fake.notificationSettings()).toMatchObject({
      content: "nothing",
      mineOnly: true,
      sound: true,
    });
  });

  test("that the tray changed are shown", async () => {
    const { desk, fake } = await startDesk();

    const before = await fake.notificationSettings();
    await fake.setNotificationSettings({ ...before, doNotDisturb: { state: "on" } });
    await settle();

    expect(desk.settings.isQuiet(NOW)).toBe(true);
  });

  test("that could not be kept are taken back, with the reason", async () => {
    const { desk } = await startDesk({ state: "diskfull" });

    await desk.settings.setNotifications({ sound: false });

    expect(desk.settings.notifications.sound).toBe(true);
    expect(desk.settings.failure?.code).toBe("diskFull");
  });

  test("of the desktop are taken back, too", async () => {
    const { desk, fake } = await startDesk();
    await desk.settings.loadAll();
    vi.spyOn(fake, "setDesktopSettings").mockRejectedValueOnce(new CommandError("internal", "No."));

    await desk.settings.setDesktop({ startAtLogin: true });
    expect(desk.settings.desktop?.startAtLogin).toBe(false);
    expect(desk.settings.failure?.sentence).toBe("No.");

    await desk.settings.setDesktop({ closeToTray: false });
    expect(await fake.desktopSettings()).toEqual({ closeToTray: false, startAtLogin: false });
    expect(desk.settings.failure).toBeNull();
  });
});

describe("being left alone", () => {
  test("ends by itself", async () => {
    const { desk } = await startDesk();
    const until = new Date(NOW + HOUR).toISOString();

    await desk.settings.leaveAlone({ state: "until", until });

    expect(desk.settings.isQuiet(NOW)).toBe(true);
    expect(desk.settings.isQuiet(NOW + HOUR)).toBe(false);
  });
});

describe("a conversation", () => {
  test("is muted and heard again", async () => {
    const { desk, idOf } = await startDesk();
    desk.openConversation(idOf("owen-fitzgerald"));
    await settle();

    await desk.open?.acting.setMuted(true);
    await settle();
    expect(desk.open?.thread.conversation?.muted).toBe(true);
    expect(desk.list.row(idOf("owen-fitzgerald"))?.muted).toBe(true);

    await desk.open?.acting.setMuted(false);
    await settle();
    expect(desk.open?.thread.conversation?.muted).toBe(false);
  });
});

describe("diagnostics", () => {
  test("are written anew each time", async () => {
    const { desk, fake } = await startDesk();

    await desk.settings.loadDiagnostics();
    expect(desk.settings.diagnostics).toContain("Connection: live");

    fake.setConnection({ state: "connecting" });
    await desk.settings.loadDiagnostics();
    expect(desk.settings.diagnostics).toContain("Connection: connecting");
  });
});
