#include "daemon/build/package_skip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/error.h"
#include "tests/unit/build/temporary_tree.h"

namespace nopo {
namespace {

class PackageSkipTest : public testing::Test {
 protected:
  PackageSkipTest() {
    tree_.Write("src.ts", "source");
    tree_.Write("dist/out.js", "built");
    build_ = {.target = "shared",
              .command = "make",
              .dir = tree_.path(),
              .env = {{"MODE", "fast"}},
              .package_dir = tree_.path(),
              .outputs = {tree_.path() / "dist"}};
    tree_.Settle();
  }

  std::string Inputs(const std::string& dependencies = "") const {
    const auto fingerprint = PackageFingerprint(build_, dependencies);
    EXPECT_TRUE(fingerprint.ok()) << fingerprint.status();
    return fingerprint->value_or("unknown");
  }
  // Builds in mind: what is in dist is what the command made.
  void Record() {
    const auto record = PackageRecord(build_, Inputs());
    EXPECT_TRUE(record.ok()) << record.status();
    record_ = *record;
  }
  bool UpToDate() const { return PackageIsUpToDate(build_, Inputs(), record_); }

  TemporaryTree tree_;
  PackageBuild build_;
  std::optional<BuildRecord> record_;
};

TEST_F(PackageSkipTest, IsNotUpToDateWithoutARecord) { EXPECT_FALSE(UpToDate()); }

TEST_F(PackageSkipTest, IsUpToDateWhenNothingChanged) {
  Record();
  EXPECT_TRUE(UpToDate());
}

TEST_F(PackageSkipTest, ANewSourceMakesItStale) {
  Record();
  tree_.Write("src.ts", "changed");
  EXPECT_FALSE(UpToDate());
}

TEST_F(PackageSkipTest, MakingTheOutputsDoesNotMakeItStale) {
  const std::string before = Inputs();
  std::filesystem::remove_all(tree_.path() / "dist");
  tree_.Write("dist/out.js", "built again");
  EXPECT_EQ(Inputs(), before);
}

TEST_F(PackageSkipTest, ATouchedOrRemovedOutputMakesItStale) {
  Record();
  tree_.Write("dist/out.js", "tampered");
  EXPECT_FALSE(UpToDate());

  Record();
  std::filesystem::remove_all(tree_.path() / "dist");
  EXPECT_FALSE(UpToDate());
}

TEST_F(PackageSkipTest, AnExtraFileAmongTheOutputsMakesItStale) {
  Record();
  tree_.Write("dist/extra.js", "");
  EXPECT_FALSE(UpToDate());
}

TEST_F(PackageSkipTest, EverythingElseThatGoesInCounts) {
  const std::string before = Inputs();
  EXPECT_NE(Inputs("other=1"), before);
  build_.command = "make all";
  const std::string command = Inputs();
  EXPECT_NE(command, before);
  build_.env["MODE"] = "slow";
  EXPECT_NE(Inputs(), command);
}

TEST_F(PackageSkipTest, WithoutOutputsNothingIsKnown) {
  build_.outputs.clear();
  EXPECT_EQ(Inputs(), "unknown");
}

TEST_F(PackageSkipTest, OutputsMayBePatterns) {
  tree_.Write("gen/a.pb.js", "one");
  tree_.Write("gen/hand.js", "by hand");
  build_.outputs = {tree_.path() / "gen" / "*.pb.js", tree_.path() / "dist/"};
  tree_.Settle();
  Record();
  EXPECT_TRUE(UpToDate());

  tree_.Write("gen/a.pb.js", "tampered");
  EXPECT_FALSE(UpToDate());

  tree_.Settle();
  Record();
  tree_.Write("gen/hand.js", "edited");
  EXPECT_FALSE(UpToDate());
}

TEST_F(PackageSkipTest, OutputsMayLieElsewhere) {
  TemporaryTree elsewhere;
  elsewhere.Write("lib.a", "1");
  build_.outputs = {elsewhere.path() / "lib.a"};
  Record();
  EXPECT_TRUE(UpToDate());

  elsewhere.Write("lib.a", "22");
  EXPECT_FALSE(UpToDate());
}

TEST_F(PackageSkipTest, AnOutputThatWasNotMadeIsAnError) {
  build_.outputs.push_back(tree_.path() / "types");
  const auto record = PackageRecord(build_, "x");
  EXPECT_EQ(ReasonOf(record.status()), Reason::kBuildFailed);
  EXPECT_THAT(std::string(record.status().message()), testing::HasSubstr("types"));

  build_.outputs = {tree_.path() / "*.wasm"};
  EXPECT_FALSE(PackageRecord(build_, "x").ok());
}

}  // namespace
}  // namespace nopo
