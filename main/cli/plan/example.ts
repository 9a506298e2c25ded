/** What a plan file may hold, for a person who has no plan yet. */
export const EXAMPLE = {
  toml: `[[plan]]
name = "Home"
sources = ["/home"]
when = [{ every = "hour", minute = 0 }, { every = "plug-in" }]
keepLocal = { hourly = 24, daily = 7 }

[[plan.targets]]
kind = "btrfs"
path = "/run/media/me/Blue Drive/backups"
keep = { daily = 30, monthly = 12 }
`,
  yaml: `plan:
  - name: Home
    sources: [/home]
    when: [{ every: hour, minute: 0 }, { every: plug-in }]
    keepLocal: { hourly: 24, daily: 7 }
    targets:
      - kind: btrfs
        path: /run/media/me/Blue Drive/backups
        keep: { daily: 30, monthly: 12 }
`,
} as const;
