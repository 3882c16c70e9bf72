#include "daemon/docker/transfer_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace nopo {
namespace {

TEST(TransferReaderTest, TellsWhereEachLayerIs) {
  std::vector<TransferStep> steps;
  TransferReader reader([&](const TransferStep& step) { steps.push_back(step); });

  ASSERT_TRUE(reader
                  .Read(R"({"status":"Downloading","id":"ab",
                            "progressDetail":{"current":1,"total":3}})")
                  .ok());
  ASSERT_TRUE(reader.Read(R"({"status":"Pulling from shop","id":"1"})").ok());

  ASSERT_EQ(steps.size(), 2);
  EXPECT_EQ(steps[0].layer, "ab");
  EXPECT_EQ(steps[0].message, "Downloading");
  EXPECT_EQ(steps[0].current, 1);
  EXPECT_EQ(steps[0].total, 3);
  EXPECT_EQ(steps[1].total, 0);
}

TEST(TransferReaderTest, KnowsTheDigestOfAPull) {
  TransferReader reader(nullptr);

  ASSERT_TRUE(reader.Read(R"({"status":"Digest: sha256:1"})").ok());
  ASSERT_TRUE(reader.Read(R"({"status":"Status: Image is up to date for shop:1"})").ok());

  EXPECT_EQ(reader.digest(), "sha256:1");
}

TEST(TransferReaderTest, KnowsTheDigestOfAPush) {
  TransferReader reader(nullptr);

  ASSERT_TRUE(reader.Read(R"({"status":"1: digest: sha256:2 size: 527"})").ok());
  ASSERT_TRUE(
      reader.Read(R"({"progressDetail":{},"aux":{"Tag":"1","Digest":"sha256:2","Size":527}})")
          .ok());

  EXPECT_EQ(reader.digest(), "sha256:2");
}

TEST(TransferReaderTest, FailsOnAnErrorInsideTheAnswer) {
  TransferReader reader(nullptr);

  const absl::Status status =
      reader.Read(R"({"errorDetail":{"message":"manifest unknown"},"error":"manifest unknown"})");

  EXPECT_EQ(status.message(), "manifest unknown");
}

}  // namespace
}  // namespace nopo
