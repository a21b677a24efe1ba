// Runs once, when the data folder is new. A service may use its own database and the platform's,
// and no other: that services never read each other's database is then more than a habit.
for (const service of ["plans", "referrals", "notifications"]) {
  const address = fs.readFileSync(`/run/secrets/${service}_mongo_url`, "utf8");
  const [, user, pwd] = address.match(/^mongodb:\/\/([^:]+):([^@]+)@/);
  db.getSiblingDB("admin").createUser({
    user,
    pwd,
    roles: [
      { role: "readWrite", db: service },
      { role: "readWrite", db: "platform" },
    ],
  });
}
