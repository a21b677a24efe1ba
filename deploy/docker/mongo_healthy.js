// Makes the replica set the first time, then asks whether it can be written to.
const NOT_YET_INITIATED = 94;

db.auth("wraparound", fs.readFileSync("/run/secrets/mongo_password", "utf8"));
try {
  rs.status();
} catch (error) {
  if (error.code !== NOT_YET_INITIATED) throw error;
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
quit(db.hello().isWritablePrimary ? 0 : 1);
