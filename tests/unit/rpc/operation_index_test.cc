#include "daemon/rpc/operation_index.h"

#include <gtest/gtest.h>

namespace nopo {
namespace {

TEST(OperationIndexTest, CancelsTheOperationOfThatName) {
  OperationIndex index;
  Cancellation build, up;
  const OperationIndex::Entry build_entry(index, "7-1", build);
  const OperationIndex::Entry up_entry(index, "7-2", up);

  EXPECT_TRUE(index.Cancel("7-2"));
  EXPECT_TRUE(up.IsCancelled());
  EXPECT_FALSE(build.IsCancelled());
}

TEST(OperationIndexTest, KnowsAnOperationOnlyWhileItLives) {
  OperationIndex index;
  Cancellation cancellation;
  { const OperationIndex::Entry entry(index, "7-1", cancellation); }

  EXPECT_FALSE(index.Cancel("7-1"));
  EXPECT_FALSE(cancellation.IsCancelled());
}

TEST(OperationIndexTest, FindsNoOperationWithoutAName) {
  OperationIndex index;
  Cancellation cancellation;
  const OperationIndex::Entry entry(index, "", cancellation);
  EXPECT_FALSE(index.Cancel(""));
}

TEST(OperationIndexTest, LeavesATakenNameToItsOwner) {
  OperationIndex index;
  Cancellation owner, other;
  const OperationIndex::Entry entry(index, "7-1", owner);
  { const OperationIndex::Entry late(index, "7-1", other); }

  EXPECT_TRUE(index.Cancel("7-1"));
  EXPECT_TRUE(owner.IsCancelled());
  EXPECT_FALSE(other.IsCancelled());
}

}  // namespace
}  // namespace nopo
